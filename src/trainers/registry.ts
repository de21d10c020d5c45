// The trainers there are, by the name that settings use.
import type { Providers } from "../providers/providers.ts";
import { inContext } from "./in-context.ts";
import { openaiWire } from "./openai-wire.ts";
import type { Trainer } from "./trainer.ts";

export type TrainerName = "in-context" | "openai-wire";
export type Trainers = Readonly<Record<TrainerName, Trainer>>;

export function createTrainers(providers: Providers): Trainers {
  return { "in-context": inContext, "openai-wire": openaiWire(providers) };
}

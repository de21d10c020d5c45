// The formats by name: what each takes, and how it writes it.
import { writeAlpaca } from "./alpaca.ts";
import { writeChatml } from "./chatml.ts";
import { writeOpenaiDpo } from "./openai-dpo.ts";
import { writeOpenaiSft } from "./openai-sft.ts";
import type { TrainingInputs } from "./training-input.ts";
import { writeTrlDpo } from "./trl-dpo.ts";
import { writeTrlKto } from "./trl-kto.ts";
import { writeTrlSft } from "./trl-sft.ts";
import type { Written } from "./written.ts";

type InputKind = keyof TrainingInputs;

interface Format<Kind extends InputKind> {
  readonly takes: Kind;
  /** A pure function: the same input gives the same bytes. */
  readonly write: (input: TrainingInputs[Kind]) => Written;
}

export const FORMATS = {
  "openai-sft": { takes: "demonstration", write: writeOpenaiSft },
  "openai-dpo": { takes: "preference-pair", write: writeOpenaiDpo },
  "trl-sft": { takes: "demonstration", write: writeTrlSft },
  "trl-dpo": { takes: "preference-pair", write: writeTrlDpo },
  "trl-kto": { takes: "rated-answer", write: writeTrlKto },
  chatml: { takes: "demonstration", write: writeChatml },
  alpaca: { takes: "demonstration", write: writeAlpaca },
} as const satisfies Record<string, { [Kind in InputKind]: Format<Kind> }[InputKind]>;

export type FormatName = keyof typeof FORMATS;

/** What a format by its name takes. */
export type InputOf<Name extends FormatName> = TrainingInputs[(typeof FORMATS)[Name]["takes"]];

/** Writes one line in a format. */
export function writeLine<Name extends FormatName>(name: Name, input: InputOf<Name>): Written {
  return (FORMATS[name].write as (input: InputOf<Name>) => Written)(input);
}

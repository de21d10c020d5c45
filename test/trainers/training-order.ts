// An order of a training run on the sandbox, with real files behind it.
import { sha256 } from "../../src/domain/sha256.ts";
import type { TrainingFile, TrainingOrder } from "../../src/trainers/trainer.ts";
import { rest, trainingLines } from "../sandbox/open-sandbox.ts";

export function fileOf(name: string, text: string): TrainingFile {
  const bytes = Buffer.from(text);
  return { name, sha256: sha256(bytes), bytes: bytes.length, read: async () => bytes };
}

/** An order under its own key; its files differ from those of other keys. */
export function orderOf(key: string, more: Partial<TrainingOrder> = {}): TrainingOrder {
  const lines = trainingLines(rest.slice(0, 60));
  return {
    key,
    base: { provider: "sandbox", baseURL: null, model: "sandbox-base" },
    training: fileOf("training.jsonl", `${lines}${trainingLines([{ text: key, label: "alarm" }])}`),
    validation: null,
    examples: fileOf("examples.jsonl", "{}"),
    examplesPerRequest: 4,
    tokens: 1000,
    epochs: 1,
    suffix: "helpem-cycle-1",
    seed: 7,
    ...more,
  };
}

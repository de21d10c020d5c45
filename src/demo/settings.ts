// The demo's loop: the usual settings with hours turned into seconds. How much evidence a promotion needs is left as it is.
import type { LoopSettings } from "../domain/loop-settings.ts";
import { BASE_MODEL } from "../sandbox/model-library.ts";
import type { TrainerName } from "./options.ts";

export const LOOP = "demo";
export const GOLD_SET = "household";

type DeepPartial<Value> = {
  [Key in keyof Value]?: Value[Key] extends object | null ? DeepPartial<Value[Key]> : Value[Key];
};

/** Settings for PUT /api/loops/demo. */
export function demoSettings(trainer: TrainerName): DeepPartial<LoopSettings> {
  return {
    name: LOOP,
    model: { provider: "sandbox", name: BASE_MODEL },
    actionFrom: "/action",
    schedule: { every: "4 seconds" },
    readiness: { minFeedback: 1_300, optimalFeedback: 2_600 },
    triggers: { newSamples: 600, interval: null, qualityDrop: null, cooldown: "10 minutes" },
    training: { trainer },
    evaluation: { goldSet: GOLD_SET },
    experiment: {
      share: 0.2, // a tenth of a few minutes' traffic would take the evidence too long on a busy machine
      minEvidence: "20 seconds",
      minDuration: "25 seconds",
      maxDuration: "5 minutes",
      lookEvery: "2 seconds",
      guardrails: { slow: null }, // how long an answer takes tells of the machine here, not of the model
    },
    promotion: { mode: "approval", approvalTimeout: "1 hour" },
    probation: { duration: "15 seconds" },
  };
}

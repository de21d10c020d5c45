// What is frozen when an experiment starts: the settings of that day, and the scale that the evidence is tuned for.
import { milliseconds } from "../domain/duration.ts";
import type { ExperimentParameters } from "../domain/experiment.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { phiAtStart } from "./e-value.ts";

/** `approval` is the share of thumbs up so far, from 0 to 1; null when there are none. Durations come out in milliseconds. */
export function experimentParameters(settings: LoopSettings, approval: number | null): ExperimentParameters {
  const { experiment, promotion, probation } = settings;
  return {
    share: experiment.enabled ? experiment.share : 0, // switched off: nobody meets the challenger before it is promoted
    minLift: experiment.minLift,
    phi: phiAtStart(experiment.minLift, approval),
    minEvidence: milliseconds(experiment.minEvidence),
    minDuration: milliseconds(experiment.minDuration),
    maxDuration: milliseconds(experiment.maxDuration),
    lookEvery: milliseconds(experiment.lookEvery),
    promotion: promotion.mode,
    approvalTimeout: milliseconds(promotion.approvalTimeout),
    probation: milliseconds(probation.duration),
    holdback: probation.holdback,
  };
}

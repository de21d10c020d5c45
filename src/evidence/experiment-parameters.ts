// What is frozen when an experiment starts: the settings of that day, and the scale that the evidence is tuned for.
import { milliseconds } from "../domain/duration.ts";
import type { ExperimentParameters, RampPhase } from "../domain/experiment.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { phiAtStart } from "./e-value.ts";

/**
 * `approval` is the share of thumbs up so far, from 0 to 1; null when there are none. Durations come out in milliseconds. What hangs
 * on the experiment's salt is not in it: `testAccountsOf`.
 */
export function experimentParameters(settings: LoopSettings, approval: number | null): ExperimentParameters {
  const { experiment, promotion, probation } = settings;
  const ramp = rampOf(experiment);
  return {
    share: experiment.enabled ? (ramp?.at(-1)?.share ?? experiment.share) : 0, // switched off: nobody meets the challenger before it is promoted
    ...(ramp === null ? {} : { ramp }),
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

function rampOf({ enabled, ramp }: LoopSettings["experiment"]): RampPhase[] | null {
  if (!enabled || ramp === null) return null;
  const final = ramp.at(-1)!.share;
  return ramp.map(({ share, from }) => ({ share, entered: share / final, from: milliseconds(from) }));
}

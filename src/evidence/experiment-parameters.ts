// What is frozen when an experiment starts: the settings of that day, and what the champion was like.
import { milliseconds } from "../domain/duration.ts";
import type { ExperimentParameters, RampPhase } from "../domain/experiment.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { phiAtStart } from "./e-value.ts";
import { primaryOf } from "./policy.ts";

/** What the champion was like before, beside the primary metric; null where nothing was measured. */
export interface ChampionBefore {
  /** The 95th percentile of its latency, in microseconds. */
  slowAbove: number | null;
  /** The mean cost of an answer, in millionths of a dollar. */
  costPerInteraction: number | null;
}

/**
 * `value` is the champion's value of the primary metric so far: for approval the share of thumbs up, from 0 to 1; null when there is
 * none. Durations come out in milliseconds. What hangs on the experiment's salt is not in it: `testAccountsOf`.
 */
export function experimentParameters(
  settings: LoopSettings,
  value: number | null,
  before: ChampionBefore = { slowAbove: null, costPerInteraction: null },
): ExperimentParameters {
  const { experiment, promotion, probation } = settings;
  const { primary, metrics, guardrails, minLift } = experiment;
  const ramp = rampOf(experiment);
  return {
    share: experiment.enabled ? (ramp?.at(-1)?.share ?? experiment.share) : 0, // switched off: nobody meets the challenger before it is promoted
    ...(ramp === null ? {} : { ramp }),
    primary,
    metrics,
    guardrails,
    ...before,
    minLift,
    phi: phiAtStart(minLift, value, primaryOf({ primary, metrics }).kind),
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

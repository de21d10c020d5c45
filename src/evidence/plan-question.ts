// What a plan is asked: by the loop's settings, or by what somebody wants to try in their place.
import { milliseconds } from "../domain/duration.ts";
import type { ExperimentParameters } from "../domain/experiment.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { phiAtStart } from "./e-value.ts";
import type { Phase } from "./power.ts";

/** What is asked. Durations in days; shares and lifts from 0 to 1, lifts relative to the champion's approval. */
export interface PlanQuestion {
  /** Whether this loop makes experiments at all. */
  enabled: boolean;
  share: number;
  ramp: readonly Phase[];
  /** Whether experiments of this loop go by the ramp; else the ramp is only shown for comparison. */
  ramped: boolean;
  minLift: number;
  phi: number;
  /** The time in which something shall be shown. */
  within: number;
  minDuration: number;
  maxDuration: number;
}

/** Of an experiment's parameters, what a plan goes by. */
type Frozen = Pick<ExperimentParameters, "share" | "minLift" | "phi" | "minDuration" | "maxDuration"> & {
  /** The plan is of approval; what is frozen for another metric is in that metric's unit. */
  primary?: string;
  /** `from` in milliseconds since the start. Absent: a fixed share. */
  ramp?: readonly Phase[];
};

const DAY = 86_400_000;

/** The ramp that a fixed share is compared with. */
const USUAL_RAMP: readonly RampStep[] = [
  { share: 0.1 },
  { share: 0.25, from: "12 hours" },
  { share: 0.5, from: "24 hours" },
];

/** Days. A loop whose minDuration is nothing is asked about an hour. */
const SHORTEST = 1 / 24;

interface RampStep {
  share: number;
  /** Since the start, in words. */
  from?: string | undefined;
}

/**
 * What a loop's settings ask, or what the experiment under way has `frozen`, but for what is given in their place. `approval` is of
 * all thumbs so far, null when there are none: the scale that an experiment begun now would freeze comes from it.
 */
export function planQuestion(
  { experiment }: LoopSettings,
  asked: { share?: number | undefined; minLift?: number | undefined; within?: number | undefined },
  approval: number | null,
  frozen: Frozen | null = null,
): PlanQuestion {
  const steps: readonly RampStep[] | null = experiment.ramp;
  const planned = steps === null ? null : phasesOf(steps);
  const begun = frozen?.ramp?.map(({ share, from }) => ({ share, from: from / DAY })) ?? null;
  const own = frozen === null ? planned : begun;
  const minLift = asked.minLift ?? frozen?.minLift ?? experiment.minLift;
  const minDuration = (frozen?.minDuration ?? milliseconds(experiment.minDuration)) / DAY;
  return {
    share: asked.share ?? frozen?.share ?? experiment.share,
    ramp: own ?? phasesOf(USUAL_RAMP),
    enabled: experiment.enabled,
    ramped: own !== null && asked.share === undefined,
    minLift,
    phi:
      asked.minLift === undefined && frozen !== null && (frozen.primary ?? "approval") === "approval"
        ? frozen.phi
        : phiAtStart(minLift, approval),
    within: asked.within ?? Math.max(minDuration, SHORTEST),
    minDuration,
    maxDuration: (frozen?.maxDuration ?? milliseconds(experiment.maxDuration)) / DAY,
  };
}

function phasesOf(ramp: readonly RampStep[]): Phase[] {
  return ramp.map(({ share, from }) => ({ share, from: from === undefined ? 0 : milliseconds(from) / DAY }));
}

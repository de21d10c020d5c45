// What a plan is asked: by the loop's settings, or by what somebody wants to try in their place.
import { milliseconds } from "../domain/duration.ts";
import type { ExperimentParameters } from "../domain/experiment.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { phiAtStart } from "./e-value.ts";
import type { Metric } from "./metric.ts";
import { primaryOf } from "./policy.ts";
import type { Phase } from "./power.ts";

/** What is asked. Durations in days; shares and lifts from 0 to 1, lifts relative to the champion's value of the primary metric. */
export interface PlanQuestion {
  /** The primary metric: what "better" means. */
  metric: Metric;
  /** Whether this loop makes experiments at all. */
  enabled: boolean;
  share: number;
  ramp: readonly Phase[];
  /** Whether experiments of this loop go by the ramp; else the ramp is only shown for comparison. */
  ramped: boolean;
  minLift: number;
  phi: number;
  /** Whether the champion has a value that the scale comes from; else a typical one stands in. */
  scaled: boolean;
  /** Whether a challenger that is shown to be better becomes champion without anybody's consent. */
  automatic: boolean;
  /** The time in which something shall be shown. */
  within: number;
  minDuration: number;
  maxDuration: number;
  /** How long a new champion is watched after a promotion, in milliseconds, and the share that keeps the one before. */
  probation: number;
  holdback: number;
}

/** Of an experiment's parameters, what a plan goes by. */
type Frozen = Pick<ExperimentParameters, "share" | "minLift" | "phi" | "minDuration" | "maxDuration"> &
  Partial<Pick<ExperimentParameters, "primary" | "metrics" | "promotion" | "probation" | "holdback">> & {
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
 * What a loop's settings ask, or what the experiment under way has `frozen`, but for what is given in their place. `value` is the
 * champion's of the primary metric so far, null when there is none: the scale that an experiment begun now would freeze comes from it.
 */
export function planQuestion(
  { experiment, promotion, probation }: LoopSettings,
  asked: { share?: number | undefined; minLift?: number | undefined; within?: number | undefined },
  value: number | null,
  frozen: Frozen | null = null,
): PlanQuestion {
  const steps: readonly RampStep[] | null = experiment.ramp;
  const planned = steps === null ? null : phasesOf(steps);
  const begun = frozen?.ramp?.map(({ share, from }) => ({ share, from: from / DAY })) ?? null;
  const own = frozen === null ? planned : begun;
  const minLift = asked.minLift ?? frozen?.minLift ?? experiment.minLift;
  const metric = primaryOf(frozen ?? experiment);
  const kept = frozen !== null && asked.minLift === undefined;
  const minDuration = (frozen?.minDuration ?? milliseconds(experiment.minDuration)) / DAY;
  return {
    metric,
    share: asked.share ?? frozen?.share ?? experiment.share,
    ramp: own ?? phasesOf(USUAL_RAMP),
    enabled: experiment.enabled,
    ramped: own !== null && asked.share === undefined,
    minLift,
    phi: kept ? frozen.phi : phiAtStart(minLift, value, metric.kind),
    scaled: kept || value !== null,
    automatic: (frozen?.promotion ?? promotion.mode) === "automatic",
    within: asked.within ?? Math.max(minDuration, SHORTEST),
    minDuration,
    maxDuration: (frozen?.maxDuration ?? milliseconds(experiment.maxDuration)) / DAY,
    probation: frozen?.probation ?? milliseconds(probation.duration),
    holdback: frozen?.holdback ?? probation.holdback,
  };
}

function phasesOf(ramp: readonly RampStep[]): Phase[] {
  return ramp.map(({ share, from }) => ({ share, from: from === undefined ? 0 : milliseconds(from) / DAY }));
}

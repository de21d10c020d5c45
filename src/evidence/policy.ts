// What an experiment is judged by: frozen when it starts, and checked again before it is used.

import type { ExperimentParameters } from "../domain/experiment.ts";
import { phiAtStart } from "./e-value.ts";
import { APPROVAL, type Metric, metricOf } from "./metric.ts";
import type { ErrorRates } from "./reading.ts";

/** Promote and harm wrongly in at most one experiment of twenty, stop wrongly in at most one of ten. */
export const ERROR_RATES: Readonly<ErrorRates> = { promote: 0.05, harm: 0.05, futile: 0.1 };

/** Durations in milliseconds. Without a share nobody can say whether the sides have the users they should. */
export type VerdictPolicy = Pick<
  ExperimentParameters,
  "minLift" | "phi" | "minEvidence" | "minDuration" | "maxDuration"
> &
  Partial<Pick<ExperimentParameters, "primary" | "metrics" | "share" | "aa">> & {
    alpha?: Readonly<ErrorRates>; // ERROR_RATES by default
  };

/** The metric that the rule applies to: approval, judged quality, or a named one of the settings. */
export function primaryOf({ primary = "approval", metrics = [] }: Pick<VerdictPolicy, "primary" | "metrics">): Metric {
  if (primary === APPROVAL.key || primary === "quality") return metricOf(primary);
  return metricOf(`feedback:${primary}`, metrics.find(({ name }) => name === primary)?.better);
}

/** The scale of approval: what is frozen is that of the primary metric, in its unit. */
export function approvalPhi(policy: Pick<VerdictPolicy, "primary" | "metrics" | "phi" | "minLift">): number {
  return primaryOf(policy).key === APPROVAL.key ? policy.phi : phiAtStart(policy.minLift, null);
}

/** Why a policy or a clock cannot be judged by, or null. */
export function policyFault(elapsed: number, policy: VerdictPolicy): string | null {
  const { minLift, phi, minEvidence, minDuration, maxDuration, share = 0, alpha = ERROR_RATES } = policy;
  const most = primaryOf(policy).kind === "number" ? 1e100 : 1;
  const ranges: [name: string, value: number, least: number, most: number][] = [
    ["time since the start", elapsed, 0, Number.MAX_VALUE],
    ["frozen minLift", minLift, 0, 100],
    ["frozen phi", phi, most === 1 ? 1e-4 : 1e-100, most],
    ["frozen minEvidence", minEvidence, 0, Number.MAX_VALUE],
    ["frozen minDuration", minDuration, 0, Number.MAX_VALUE],
    ["frozen maxDuration", maxDuration, 0, Number.MAX_VALUE],
    ["frozen share", share, 0, 1 - 1e-9],
    ...Object.entries(alpha).map(([name, value]): [string, number, number, number] => [
      `error rate for ${name}`,
      value,
      1e-9,
      0.5,
    ]),
  ];
  const wrong = ranges.find(([, value, least, most]) => !(value >= least && value <= most));
  return wrong === undefined
    ? null
    : `the ${wrong[0]} is ${wrong[1]}, and must be a number from ${wrong[2]} to ${wrong[3]}`;
}

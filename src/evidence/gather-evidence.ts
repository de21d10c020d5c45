// From the tallies as they are stored, a row for each metric, variant and stratum, to the evidence that a look judges.

import type { ExperimentParameters } from "../domain/experiment.ts";
import type { Stratum } from "./estimate.ts";
import type { Evidence } from "./evidence.ts";
import { guardrailsOf } from "./guardrails-of.ts";
import { APPROVAL, type MetricKey } from "./metric.ts";
import { primaryOf } from "./policy.ts";
import { EMPTY_TALLY, type Tally } from "./tally.ts";

/** One row of the store. Rows of a standby are of a probation, and no part of this. */
export interface MetricTally extends Tally {
  metric: MetricKey;
  variant: "champion" | "challenger" | "standby";
  stratum: number;
}

/** The evidence of one look: the strata of each metric that the frozen parameters name, and every action type's approval. */
export function gatherEvidence(
  tallies: readonly MetricTally[],
  parameters: Pick<ExperimentParameters, "primary" | "metrics" | "guardrails" | "slowAbove" | "costPerInteraction">,
  rest: Pick<Evidence, "elapsed" | "crossed" | "changes">,
): Evidence {
  const prefix = `${APPROVAL.key}/`;
  const segments = new Set(
    tallies.map(({ metric }) => metric).filter((metric) => metric.startsWith(prefix) && metric !== prefix),
  ); // without an action type there is no segment
  return {
    ...rest,
    primary: strataOf(tallies, primaryOf(parameters).key),
    rated: strataOf(tallies, "rated"),
    guardrails: guardrailsOf(parameters).map((rail) => ({ ...rail, strata: strataOf(tallies, rail.metric) })),
    segments: [...segments].sort().map((metric) => ({
      name: metric.slice(prefix.length),
      strata: strataOf(tallies, metric),
    })),
  };
}

/** The strata of one metric, in their order; a side without a row has nothing yet. */
export function strataOf(tallies: readonly MetricTally[], metric: MetricKey): Stratum[] {
  const rows = tallies.filter((row) => row.metric === metric && row.variant !== "standby");
  const side = (stratum: number, variant: keyof Stratum): Tally => {
    const row = rows.find((one) => one.stratum === stratum && one.variant === variant);
    if (row === undefined) return EMPTY_TALLY;
    const { users, sumY, sumK, sumYY, sumYK, sumKK } = row;
    return { users, sumY, sumK, sumYY, sumYK, sumKK };
  };
  return [...new Set(rows.map(({ stratum }) => stratum))]
    .sort((a, b) => a - b)
    .map((stratum) => ({ champion: side(stratum, "champion"), challenger: side(stratum, "challenger") }));
}

// Which guardrails an experiment and its probation have, by what was frozen when it started.

import type { ExperimentParameters } from "../domain/experiment.ts";
import type { Guardrail } from "./checks/guardrail.ts";
import { PHI_PER_LIFT } from "./e-value.ts";
import { APPROVAL, metricOf } from "./metric.ts";
import { primaryOf } from "./policy.ts";

/**
 * The guardrails whose strata a look must bring. What the rule itself goes by is none; slow answers need the champion's frozen latency,
 * and cost needs a cost above 0 to be relative to. Errors fail as soon as they are surely more, everything else only beyond its margin.
 */
export function guardrailsOf(
  parameters: Pick<ExperimentParameters, "primary" | "metrics" | "guardrails" | "slowAbove" | "costPerInteraction">,
): Guardrail[] {
  const { guardrails, slowAbove, costPerInteraction } = parameters;
  const cost = guardrails.cost === null || costPerInteraction === null ? null : guardrails.cost * costPerInteraction;
  const wanted: [key: string, margin: number | null, better?: "higher" | "lower"][] = [
    ["error", guardrails.error],
    ["slow", slowAbove === null ? null : guardrails.slow],
    ["cost", cost === 0 ? null : cost],
    ["quality", guardrails.quality],
    ...parameters.metrics.map(({ name, margin, better }): [string, number, "higher" | "lower"] => [
      `feedback:${name}`,
      margin,
      better,
    ]),
  ];
  const primary = primaryOf(parameters).key;
  return wanted.flatMap(([key, margin, better]) => {
    if (margin === null || key === primary) return [];
    const metric = metricOf(key, better);
    return [{ metric: key, better: metric.better, margin, failAbove: key === "error" ? 0 : margin }];
  });
}

/**
 * In probation the new champion must do no harm in what it was promoted for, too: approval is watched by itself, any other primary metric
 * as one guardrail more, whose margin is the difference that was wanted.
 */
export function probationRailsOf(
  parameters: Parameters<typeof guardrailsOf>[0] & Pick<ExperimentParameters, "phi">,
): Guardrail[] {
  const primary = primaryOf(parameters);
  const rails = guardrailsOf(parameters);
  if (primary.key === APPROVAL.key) return rails;
  return [
    ...rails,
    { metric: primary.key, better: primary.better, margin: parameters.phi / PHI_PER_LIFT, failAbove: 0 },
  ];
}

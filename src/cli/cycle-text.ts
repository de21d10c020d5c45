// A cycle in words, as `ratchet cycle show` prints it: how far it came, and what each stage left.
import { z } from "zod";
import { counted, instant } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts } from "./terminal/table.ts";

export const cycleShape = z.object({
  id: z.string(),
  loop: z.string(),
  number: z.number(),
  pulse: z.number().nullable(),
  started_by: z.string(),
  reason: z.string(),
  stage: z.string(),
  outcome: z.string().nullable(),
  outcome_reason: z.string().nullable(),
  started_at: z.string(),
  ended_at: z.string().nullable(),
});

/** A cycle with what it made. */
export const wholeCycleShape = cycleShape.extend({
  snapshot: z.object({ id: z.string(), examples: z.number() }).nullable(),
  training_runs: z.array(
    z.object({
      trainer: z.string(),
      status: z.string(),
      job_id: z.string().nullable(),
      reason: z.string().nullable(),
      detail: z.string().nullable().default(null),
    }),
  ),
  evaluation: z.object({ passed: z.boolean(), reason: z.string() }).nullable(),
  experiment: z.object({ id: z.string(), status: z.string(), outcome: z.string().nullable() }).nullable(),
});

/** The lines that tell a cycle's story. */
export function describeCycle(cycle: z.output<typeof wholeCycleShape>): string[] {
  const { snapshot, training_runs: runs, evaluation, experiment } = cycle;
  return [
    `Cycle #${cycle.number} of ${cycle.loop}: ${cycle.outcome?.replaceAll("_", " ") ?? `in stage ${cycle.stage}`}`,
    ...facts([
      ["id", cycle.id],
      ["started", `${instant(cycle.started_at)} by ${foreignText(cycle.started_by)}: ${foreignText(cycle.reason)}`],
      ["generate", snapshot === null ? null : `${counted(snapshot.examples, "example")} in snapshot ${snapshot.id}`],
      ...runs.map((run, index): [string, string] => [
        index === 0 ? "train" : "fallback",
        `${run.trainer}: ${run.status}${run.job_id === null ? "" : `, job ${foreignText(run.job_id)}`}${because(run)}`,
      ]),
      [
        "evaluate",
        evaluation === null
          ? null
          : `${evaluation.passed ? "passed" : "not passed"}: ${foreignText(evaluation.reason)}`,
      ],
      [
        "experiment",
        experiment === null
          ? null
          : `${experiment.outcome ?? experiment.status.replaceAll("_", " ")}: ${experiment.id}`,
      ],
      [
        "ended",
        cycle.ended_at === null
          ? null
          : `${instant(cycle.ended_at)}${cycle.outcome_reason === null ? "" : `: ${foreignText(cycle.outcome_reason)}`}`,
      ],
    ]),
  ];
}

/** Why a run has failed, with the trainer's own words, which stand nowhere else. */
function because({ reason, detail }: { reason: string | null; detail: string | null }): string {
  if (reason === null) return "";
  return ` (${foreignText(detail === null ? reason : `${reason}: ${detail}`)})`;
}

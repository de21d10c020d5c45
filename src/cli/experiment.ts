// ratchet experiment: the comparison under way, and what an operator decides about it.
import type { Command } from "commander";
import { read } from "./api-client.ts";
import type { Context } from "./context.ts";
import { duration } from "./duration-option.ts";
import { registerCalibration } from "./experiment-calibration.ts";
import { registerList } from "./experiment-list.ts";
import { planOf, registerPlan } from "./experiment-plan.ts";
import { registerRecount } from "./experiment-recount.ts";
import { registerStart } from "./experiment-start.ts";
import { namedOrNewest } from "./experiment-target.ts";
import { describeExperiment, experimentShape } from "./experiment-text.ts";
import { registerVerdict } from "./experiment-verdict.ts";
import { modelNames } from "./model-names.ts";
import { withReason } from "./reason.ts";
import { instant } from "./terminal/figures.ts";
import { toldLine } from "./told.ts";

interface Options {
  reason: string;
  override?: boolean;
  by?: string;
}

export function register(program: Command, context: Context): void {
  const experiment = program
    .command("experiment")
    .description(
      "The comparison of challenger and champion: plan, start, list, show, verdict, approve, reject, extend, stop, recount, calibration.",
    );
  registerPlan(experiment, context);
  registerList(experiment, context);
  registerStart(experiment, context);
  experiment
    .command("show")
    .description("Show an experiment: evidence, verdict, and what it waits for.")
    .argument("[id]", "the experiment (default: the one under way, else the newest)")
    .addHelpText("after", "\nExamples:\n  ratchet experiment show\n  ratchet experiment show --json")
    .action(async (id: string | undefined) => {
      const target = await namedOrNewest(context, id);
      const answer = await context
        .api()
        .get(`/api/experiments/${encodeURIComponent(target.id)}`, { loop: target.loop });
      const found = context.json ? null : read(experimentShape, answer);
      const names = found === null ? new Map() : await modelNames(context, found.loop);
      const plan = found?.status === "running" ? await planOf(context, found.loop) : null;
      context.print(answer, () => (found === null ? [] : describeExperiment(found, names, plan)));
    });

  registerVerdict(experiment, context);
  registerCalibration(experiment, context);

  const command = (
    verb: "approve" | "reject" | "extend" | "stop",
    description: string,
    example: string,
    done: (answer: unknown) => string,
  ) =>
    withReason(experiment.command(verb))
      .description(description)
      .argument("[id]", "the experiment (default: the newest)")
      .addHelpText("after", `\nExamples:\n  ratchet experiment ${verb} ${example}`)
      .action(async (id: string | undefined, options: Options) => {
        const { id: target, loop } = await namedOrNewest(context, id);
        const path = `/api/experiments/${encodeURIComponent(target)}/${verb}`;
        const answer = await context.api().post(path, options, { loop });
        context.print(answer, () => [done(answer), ...toldLine(answer)]);
      });

  command(
    "approve",
    "Promote the challenger.",
    '--reason "better on every action"',
    (answer) =>
      `Promoted: the challenger is the champion now, in probation.${read(experimentShape, answer).supported === false ? " It is marked for good: NOT SUPPORTED BY THE EVIDENCE." : ""}`,
  ).option("--override", "although the evidence does not support it; that stays on record");
  command(
    "reject",
    "Reject the challenger: the champion stays.",
    '--reason "too terse for us"',
    () => "Rejected: the champion stays, and the challenger has left.",
  );
  command(
    "extend",
    "Give the experiment more time.",
    '--by "24 hours" --reason "a holiday week"',
    (answer) => `Extended: it ends ${instant(read(experimentShape, answer).ends_at)}.`,
  ).requiredOption("--by <duration>", 'how much longer, as "24 hours"', duration);
  command(
    "stop",
    "Stop the experiment without judging the challenger.",
    '--reason "the provider is down"',
    () => "Stopped: the champion has all the traffic again.",
  );
  registerRecount(experiment, context);
}

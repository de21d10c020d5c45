// ratchet experiment recount: whether the tallies are what was said and rated, and counting them afresh.
import { type Command, Option } from "commander";
import { read } from "./api-client.ts";
import type { Context } from "./context.ts";
import { namedOrNewest } from "./experiment-target.ts";
import { reasonText, WHY } from "./reason.ts";
import { describeComparison, describeRecount, recountShape } from "./recount-text.ts";
import { Unsuccessful } from "./terminal/explain.ts";

/** Adds `recount` to the commands about experiments. */
export function registerRecount(experiment: Command, context: Context): void {
  const recount = experiment
    .command("recount")
    .description("Count an experiment's tallies afresh from what was said and rated, or only compare.")
    .argument("[id]", "the experiment (default: the one under way, else the newest)")
    .addOption(new Option("--reason <text>", WHY).argParser(reasonText))
    .addOption(
      new Option("--check", "change nothing, and need no reason; exit code 1 when something is wrong").conflicts(
        "reason",
      ),
    )
    .addHelpText(
      "after",
      '\nExamples:\n  ratchet experiment recount --check\n  ratchet experiment recount --reason "after the restore"',
    );
  recount.action(async (id: string | undefined, { reason, check }: { reason?: string; check?: true }) => {
    if (reason === undefined && check === undefined)
      return recount.error("error: option '--reason <text>' not specified, which only --check can do without");
    const target = await namedOrNewest(context, id);
    const path = `/api/experiments/${encodeURIComponent(target.id)}/recount`;
    const query = { loop: target.loop };
    const answer = await (check ? context.api().get(path, query) : context.api().post(path, { reason }, query));
    const found = read(recountShape, answer);
    context.print(answer, () => (check ? describeComparison(found) : describeRecount(found)));
    if (check && (found.wrong.length > 0 || found.wrong_units > 0)) throw new Unsuccessful();
  });
}

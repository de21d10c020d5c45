// ratchet experiment list: what was compared so far, and how it ended.
import type { Command } from "commander";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { experimentShape } from "./experiment-text.ts";
import { modelNames } from "./model-names.ts";
import { moreLine, type PageOptions, pageOf, pageQuery, withPage } from "./page.ts";
import { instant } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { table } from "./terminal/table.ts";

/** Adds `list` to the commands about experiments. */
export function registerList(experiment: Command, context: Context): void {
  withPage(experiment.command("list"))
    .description("List experiments, the newest first.")
    .addHelpText("after", "\nExamples:\n  ratchet experiment list --limit 5")
    .action(async (options: PageOptions) => {
      const answer = await context.api().get(await loopPath(context, "/experiments"), pageQuery(options));
      const page = context.json ? null : read(pageOf(experimentShape), answer);
      const loop = page?.data[0]?.loop;
      const names = loop === undefined ? new Map<string, string>() : await modelNames(context, loop);
      context.print(answer, () => {
        if (page === null || page.data.length === 0)
          return ["No experiment yet. A cycle whose candidate passes the gate begins one."];
        const nameOf = (id: string) => foreignText(names.get(id) ?? id);
        return [
          ...table(page.data, [
            { title: "EXPERIMENT", value: (row) => row.id },
            {
              title: "STANDS",
              value: (row) =>
                `${(row.outcome ?? row.status).replaceAll("_", " ")}${row.supported === false ? ", not supported" : ""}${row.outcome === "promoted" && row.rolled_back !== null ? ", rolled back later" : ""}`,
            },
            { title: "CHALLENGER", value: (row) => nameOf(row.challenger_id) },
            { title: "STARTED", value: (row) => instant(row.started_at) },
          ]),
          ...moreLine(page),
        ];
      });
    });
}

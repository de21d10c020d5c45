// ratchet cycle: passes from snapshot to experiment; start one, watch it, call it off.
import type { Command } from "commander";
import type { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { type ApiClient, read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { cycleShape, describeCycle, wholeCycleShape } from "./cycle-text.ts";
import { moreLine, type PageOptions, pageOf, pageQuery, withPage } from "./page.ts";
import { withReason } from "./reason.ts";
import { instant } from "./terminal/figures.ts";
import { table } from "./terminal/table.ts";
import { toldLine } from "./told.ts";

export function register(program: Command, context: Context): void {
  const cycle = program.command("cycle").description("Passes from snapshot to experiment: start, show, list, cancel.");
  withReason(cycle.command("start"))
    .description("Start a cycle now, whether one is due or not.")
    .addHelpText("after", '\nExamples:\n  ratchet cycle start --reason "the corrections of this week are in"')
    .action(async ({ reason }: { reason: string }) => {
      const answer = await context.api().post(await loopPath(context, "/cycles"), { reason });
      context.print(answer, () => {
        const { number, id } = read(cycleShape, answer);
        return [`Cycle #${number} was started: ${id}`, "Watch it: ratchet cycle show", ...toldLine(answer)];
      });
    });
  cycle
    .command("show")
    .description("Show a cycle: its stage, or how it ended.")
    .argument("[id]", "the cycle (default: the newest)")
    .addHelpText(
      "after",
      "\nExamples:\n  ratchet cycle show\n  ratchet cycle show 019ab3c4-0000-7000-8000-000000000001 --json",
    )
    .action(async (id: string | undefined) => {
      const target = id ?? (await newest(context.api(), await loopPath(context, "/cycles"))).id;
      const answer = await context.api().get(`/api/cycles/${encodeURIComponent(target)}`, { loop: context.loop });
      context.print(answer, () => describeCycle(read(wholeCycleShape, answer)));
    });
  withPage(cycle.command("list"))
    .description("List cycles, the newest first.")
    .addHelpText("after", "\nExamples:\n  ratchet cycle list --limit 5")
    .action(async (options: PageOptions) => {
      const answer = await context.api().get(await loopPath(context, "/cycles"), pageQuery(options));
      context.print(answer, () => {
        const page = read(pageOf(cycleShape), answer);
        if (page.data.length === 0)
          return ["No cycle yet. A pulse starts one when there is enough to learn from; so does: ratchet cycle start"];
        const rows = table(page.data, [
          { title: "", value: (row) => `#${row.number}`, align: "right" },
          { title: "CYCLE", value: (row) => row.id },
          { title: "STARTED", value: (row) => instant(row.started_at) },
          { title: "STAGE", value: (row) => row.outcome ?? row.stage },
        ]);
        return [...rows, ...moreLine(page)];
      });
    });
  withReason(cycle.command("cancel"))
    .description("Cancel a cycle and its training job.")
    .argument("[id]", "the cycle (default: the one under way)")
    .addHelpText("after", '\nExamples:\n  ratchet cycle cancel --reason "the wrong base model"')
    .action(async (id: string | undefined, { reason }: { reason: string }) => {
      const target = id ?? (await underWay(context.api(), await loopPath(context, "/cycles")));
      const path = `/api/cycles/${encodeURIComponent(target)}/cancel`;
      const answer = await context.api().post(path, { reason }, { loop: context.loop });
      context.print(answer, () => [`Cycle ${target} was cancelled.`, ...toldLine(answer)]);
    });
}

async function newest(api: ApiClient, base: string): Promise<z.output<typeof cycleShape>> {
  const [cycle] = read(pageOf(cycleShape), await api.get(base, { limit: 1 })).data;
  if (cycle !== undefined) return cycle;
  throw new Fault("not_found", "there is no cycle yet", { hint: "ratchet cycle start begins one" });
}

async function underWay(api: ApiClient, base: string): Promise<string> {
  const { id, ended_at: endedAt } = await newest(api, base);
  if (endedAt === null) return id;
  throw new Fault("not_found", "no cycle is under way", { hint: "ratchet cycle list shows those that were" });
}

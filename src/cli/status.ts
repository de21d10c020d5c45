// ratchet status: one loop at a glance.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { describeStatus, statusShape } from "./status-text.ts";

const ratingsShape = z.object({ current: z.object({ total_feedback: z.number() }) });

export function register(program: Command, context: Context): void {
  program
    .command("status")
    .description("Show a loop at a glance: champion, challenger, readiness, cycle, experiment, pulse.")
    .addHelpText("after", "\nExamples:\n  ratchet status\n  ratchet status --loop demo --json")
    .action(async () => {
      const loop = await chosenLoop(context);
      const ask = (path: string, query = {}) => context.api().get(path, query);
      const [answer, ratings] = await Promise.all([
        ask(`/api/loops/${encodeURIComponent(loop)}/status`),
        context.json ? null : ask("/api/admin/learning-dashboard", { loop }),
      ]);
      context.print(answer, () => {
        const { total_feedback: rated } = read(ratingsShape, ratings).current;
        return describeStatus(read(statusShape, answer), { ratings: rated, now: Date.now() });
      });
    });
}

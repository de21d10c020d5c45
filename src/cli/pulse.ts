// ratchet pulse: looks at the loop now instead of at the next half hour.
import type { Command } from "commander";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { withReason } from "./reason.ts";

export function register(program: Command, context: Context): void {
  withReason(program.command("pulse"))
    .description("Run a pulse now: collect, analyse, open and close alerts, and start a cycle if one is due.")
    .addHelpText("after", '\nExamples:\n  ratchet pulse --reason "feedback was imported"')
    .action(async ({ reason }: { reason: string }) => {
      const answer = await context.api().post(await loopPath(context, "/pulse"), { reason });
      context.print(answer, () => ["A pulse was started. What it decides: ratchet status"]);
    });
}

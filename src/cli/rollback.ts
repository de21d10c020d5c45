// ratchet rollback: the former champion is back at once.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { withReason } from "./reason.ts";
import { toldLine } from "./told.ts";

const answerShape = z.object({ champion: z.object({ name: z.string() }) });

export function register(program: Command, context: Context): void {
  withReason(program.command("rollback"))
    .description("Bring the former champion back. Needs no provider, and ends an experiment under way.")
    .option("--from <model>", "the champion to be taken back; needed to go back a second step")
    .addHelpText(
      "after",
      '\nExamples:\n  ratchet rollback --reason "complaints about the new model"\n  ratchet rollback --from helpem-v2 --reason "that one, too"',
    )
    .action(async (asked: { reason: string; from?: string }) => {
      const answer = await context.api().post(await loopPath(context, "/rollback"), asked);
      context.print(answer, () => [
        `${read(answerShape, answer).champion.name} is the champion again.`,
        ...toldLine(answer),
      ]);
    });
}

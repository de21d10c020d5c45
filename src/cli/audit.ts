// ratchet audit: whether the record of who changed what is whole.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { Unsuccessful } from "./terminal/explain.ts";
import { counted } from "./terminal/figures.ts";

const answerShape = z.object({
  entries: z.number(),
  broken: z.object({ sequence: z.number(), why: z.string() }).nullable(),
});

export function register(program: Command, context: Context): void {
  const audit = program.command("audit").description("The record of who changed what, when and why: verify.");
  audit
    .command("verify")
    .description("Recompute a loop's audit chain. Exit code 1 when an entry was changed or is missing.")
    .addHelpText("after", "\nExamples:\n  ratchet audit verify")
    .action(async () => {
      const loop = await chosenLoop(context);
      const answer = await context.api().get(`/api/loops/${encodeURIComponent(loop)}/audit/verify`);
      const { entries, broken } = read(answerShape, answer);
      context.print(answer, () =>
        broken === null
          ? [`The audit chain of ${loop} is whole: ${counted(entries, "entry", "entries")}.`]
          : [
              `The audit chain of ${loop} is broken at entry ${broken.sequence}: ${broken.why}.`,
              `${counted(entries, "entry", "entries")} before it fit.`,
            ],
      );
      if (broken !== null) throw new Unsuccessful();
    });
}

// ratchet experiment start: try a model against the champion, or the champion against itself.
import type { Command } from "commander";
import { Fault } from "../domain/fault.ts";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { experimentShape } from "./experiment-text.ts";
import { withReason } from "./reason.ts";
import { percent } from "./terminal/figures.ts";
import { toldLine } from "./told.ts";

interface Options {
  reason: string;
  aa?: boolean;
}

/** Adds `start` to the commands about experiments. */
export function registerStart(experiment: Command, context: Context): void {
  withReason(experiment.command("start"))
    .description("Try a model against the champion on a share of the users.")
    .argument("[model]", "its name or id; ratchet model list shows them")
    .option("--aa", "the champion against itself, to see how often chance alone would promote")
    .addHelpText(
      "after",
      '\nExamples:\n  ratchet experiment start helpem-v3 --reason "tried too early"\n  ratchet experiment start --aa --reason "calibrate before the first candidate"',
    )
    .action(async (model: string | undefined, { reason, aa }: Options) => {
      if ((model === undefined) !== (aa === true))
        throw new Fault("invalid", "name a model to try, or give --aa, and not both", {
          hint: "ratchet model list shows the models",
        });
      const asked = model === undefined ? { aa, reason } : { model, reason };
      const answer = await context.api().post(await loopPath(context, "/experiments"), asked);
      const { id, share } = read(experimentShape, answer);
      context.print(answer, () => [
        `Started experiment ${id}: ${aa === true ? "the champion under another name" : model} answers ${percent(share)} of the users.`,
        ...toldLine(answer),
      ]);
    });
}

// ratchet snapshot rebuild: makes a snapshot again from its manifest and says whether it comes out to the byte.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import type { Context } from "./context.ts";

const rebuilt = z.object({ same: z.boolean(), different: z.array(z.string()), words: z.string() });

export function register(snapshot: Command, context: Context): void {
  snapshot
    .command("rebuild")
    .description(
      "Make a snapshot again from its manifest, and compare every file with what is kept. Nothing is changed.",
    )
    .argument("<id>", "the snapshot")
    .addHelpText("after", "\nExamples:\n  ratchet snapshot rebuild 019ab3c4-0000-7000-8000-000000000001")
    .action(async (id: string) => {
      const answer = await context.api().post(`/api/snapshots/${encodeURIComponent(id)}/rebuild`, {});
      const { same, different, words } = read(rebuilt, answer);
      context.print(answer, () => [
        same
          ? "The snapshot came out the same, to the byte."
          : `The snapshot came out otherwise: ${different.join(", ")} ${different.length === 1 ? "is" : "are"} not what was kept.`,
        words,
        ...(same
          ? []
          : ["What it is made of has changed since: rows were deleted, or a file that it rehearses from is gone."]),
      ]);
      if (!same) process.exitCode = 1;
    });
}

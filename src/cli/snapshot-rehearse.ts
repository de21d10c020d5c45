// ratchet snapshot rehearse: keeps a file of one's own, of which each snapshot with a window repeats a share.
import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { counted } from "./terminal/figures.ts";

const keptShape = z.object({ sha256: z.string(), lines: z.number(), tokens: z.number() });

export function register(snapshot: Command, context: Context): void {
  snapshot
    .command("rehearse")
    .description("Keep a file to rehearse from, in place of older examples; it is not redacted.")
    .argument("<file>", 'lines such as {"messages":[{"role":"user",…},{"role":"assistant",…}]}, at most 50 MB')
    .addHelpText("after", "\nExamples:\n  ratchet snapshot rehearse approved.jsonl")
    .action(async (path: string) => {
      const file = await fileAt(path);
      const answer = await context.api().upload(await loopPath(context, "/rehearsal"), file, "application/x-ndjson");
      context.print(answer, () => {
        const { sha256, lines, tokens } = read(keptShape, answer);
        return [
          `Kept ${counted(lines, "example")} of ${counted(tokens, "token")}.`,
          "To rehearse from them, put this into the loop's settings and apply them:",
          `  "snapshot": {"rehearsalFile": "${sha256}"}`,
        ];
      });
    });
}

/** The file, read only while it is sent. Throws a Fault when it cannot be. */
async function fileAt(path: string): Promise<Blob> {
  const isFile = (await stat(path).catch(() => null))?.isFile() ?? false;
  const file = isFile ? await openAsBlob(path).catch(() => null) : null;
  if (file !== null) return file;
  throw new Fault("not_found", `there is no file ${path} that can be read`, {
    hint: "give the path of a file that is there, and that you may read",
  });
}

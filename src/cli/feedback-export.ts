// ratchet feedback export: approved interactions as examples, to standard output or into a file.
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { counted, figure } from "./terminal/figures.ts";
import { writeOut } from "./write-out.ts";

/** Writes the export to `file`, else to standard output. Throws a Fault when it breaks off or cannot be written. */
export async function exportFeedback(context: Context, file: string | undefined): Promise<void> {
  const { body } = await context
    .api()
    .download("/api/feedback/export", { loop: await chosenLoop(context), format: "openai" });
  const { lines: examples, bytes } = await writeOut(context, body, { file, what: "the export" });
  if (file !== undefined)
    context.print({ file, examples, bytes }, () => [
      `${counted(examples, "example")} written to ${file} (${figure(bytes)} bytes).`,
    ]);
}

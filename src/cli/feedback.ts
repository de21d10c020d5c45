// ratchet feedback: what people said, in sums, in patterns, and as examples to train on.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { exportFeedback } from "./feedback-export.ts";
import { figure } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { table } from "./terminal/table.ts";

const summaryShape = z.object({
  summary: z.array(
    z.object({
      action_type: z.string(),
      total_feedback: z.number(),
      thumbs_up: z.number(),
      thumbs_down: z.number(),
      approval_rate: z.number(),
    }),
  ),
});
const patternsShape = z.object({
  data: z.array(z.object({ prompt: z.string(), count: z.number(), trend: z.object({ direction: z.string() }) })),
});

export function register(program: Command, context: Context): void {
  const feedback = program
    .command("feedback")
    .description("What people said of the answers: summary, patterns, export.");
  feedback
    .command("summary")
    .description("Show ratings and approval by type of action.")
    .addHelpText("after", "\nExamples:\n  ratchet feedback summary")
    .action(async () => {
      const answer = await context.api().get("/api/feedback", { loop: await chosenLoop(context), type: "summary" });
      context.print(answer, () => {
        const { summary } = read(summaryShape, answer);
        if (summary.length === 0) return ["No rating yet. They come by POST /api/feedback."];
        return table(summary, [
          { title: "RATINGS", value: (row) => figure(row.total_feedback), align: "right" },
          { title: "UP", value: (row) => figure(row.thumbs_up), align: "right" },
          { title: "DOWN", value: (row) => figure(row.thumbs_down), align: "right" },
          { title: "APPROVAL", value: (row) => `${row.approval_rate.toFixed(1)} %`, align: "right" },
          { title: "ACTION", value: (row) => (row.action_type === "" ? "(none)" : foreignText(row.action_type)) },
        ]);
      });
    });
  feedback
    .command("patterns")
    .description("Show prompts that were rated down more than twice, near-copies together.")
    .addHelpText("after", "\nExamples:\n  ratchet feedback patterns")
    .action(async () => {
      const answer = await context.api().get("/api/feedback/patterns", { loop: await chosenLoop(context) });
      context.print(answer, () => {
        const { data } = read(patternsShape, answer);
        if (data.length === 0) return ["No pattern: no prompt was rated down more than twice."];
        return table(data, [
          { title: "TIMES", value: (row) => figure(row.count), align: "right" },
          { title: "TREND", value: (row) => row.trend.direction },
          { title: "PROMPT", value: (row) => foreignText(row.prompt) },
        ]);
      });
    });
  feedback
    .command("export")
    .description("Write the positive examples, redacted, as JSON lines in OpenAI's format.")
    .option("--out <file>", "where to (default: standard output)")
    .addHelpText(
      "after",
      "\nExamples:\n  ratchet feedback export --out examples.jsonl\n  ratchet feedback export | head -n 3",
    )
    .action(({ out }: { out?: string }) => exportFeedback(context, out));
}

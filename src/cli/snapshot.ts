// ratchet snapshot: the training sets that were made, and what went into them.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { moreLine, type PageOptions, pageOf, pageQuery, withPage } from "./page.ts";
import { counted, figure, instant } from "./terminal/figures.ts";
import { facts, table } from "./terminal/table.ts";

const snapshotShape = z.object({
  id: z.string(),
  cycle_id: z.string(),
  watermark: z.number(),
  manifest_sha256: z.string(),
  examples: z.number(),
  created_at: z.string(),
});
const file = z.object({ name: z.string(), sha256: z.string(), bytes: z.number(), examples: z.number() });

export function register(program: Command, context: Context): void {
  const snapshot = program.command("snapshot").description("Training sets, immutable once made: list, show.");
  withPage(snapshot.command("list"))
    .description("List snapshots, the newest first.")
    .addHelpText("after", "\nExamples:\n  ratchet snapshot list")
    .action(async (options: PageOptions) => {
      const answer = await context.api().get(await loopPath(context, "/snapshots"), pageQuery(options));
      context.print(answer, () => {
        const page = read(pageOf(snapshotShape), answer);
        if (page.data.length === 0) return ["No snapshot yet. Each cycle makes one: ratchet cycle start"];
        const rows = table(page.data, [
          { title: "SNAPSHOT", value: (row) => row.id },
          { title: "MADE", value: (row) => instant(row.created_at) },
          { title: "EXAMPLES", value: (row) => figure(row.examples), align: "right" },
        ]);
        return [...rows, ...moreLine(page)];
      });
    });
  snapshot
    .command("show")
    .description("Show a snapshot: its files and hashes.")
    .argument("<id>", "the snapshot")
    .addHelpText("after", "\nExamples:\n  ratchet snapshot show 019ab3c4-0000-7000-8000-000000000001")
    .action(async (id: string) => {
      const answer = await context.api().get(await loopPath(context, `/snapshots/${encodeURIComponent(id)}`));
      context.print(answer, () => describe(read(snapshotShape.extend({ files: z.array(file) }), answer)));
    });
}

function describe(snapshot: z.output<typeof snapshotShape> & { files: z.output<typeof file>[] }): string[] {
  return [
    `Snapshot ${snapshot.id}: ${counted(snapshot.examples, "example")}`,
    ...facts([
      ["made", `${instant(snapshot.created_at)}, from what pulse ${snapshot.watermark} had seen`],
      ["cycle", snapshot.cycle_id],
      ["manifest", snapshot.manifest_sha256],
    ]),
    ...table(snapshot.files, [
      { title: "FILE", value: (row) => row.name },
      { title: "EXAMPLES", value: (row) => figure(row.examples), align: "right" },
      { title: "BYTES", value: (row) => figure(row.bytes), align: "right" },
      { title: "SHA-256", value: (row) => row.sha256 },
    ]),
  ];
}

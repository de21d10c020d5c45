// ratchet snapshot: the training sets that were made, what went into them, and what else can be made of them.
import type { Command } from "commander";
import { z } from "zod";
import { readManifest, tokensOf } from "../snapshot/read-manifest.ts";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { moreLine, type PageOptions, pageOf, pageQuery, withPage } from "./page.ts";
import * as snapshotDiff from "./snapshot-diff.ts";
import * as snapshotExport from "./snapshot-export.ts";
import * as snapshotRebuild from "./snapshot-rebuild.ts";
import * as snapshotRehearse from "./snapshot-rehearse.ts";
import { describeSnapshot, snapshotShape } from "./snapshot-text.ts";
import { figure, instant, rough, size } from "./terminal/figures.ts";
import { table } from "./terminal/table.ts";
import { writeOut } from "./write-out.ts";

export function register(program: Command, context: Context): void {
  const snapshot = program
    .command("snapshot")
    .description("Training sets, immutable once made: list, show, compare, export.");
  withPage(snapshot.command("list"))
    .description("List snapshots, the newest first.")
    .addHelpText("after", "\nExamples:\n  ratchet snapshot list")
    .action((options: PageOptions) => list(context, options));
  snapshot
    .command("show")
    .description("Show what is in a snapshot, what was left out and why, and its files with their hashes.")
    .argument("<id>", "the snapshot")
    .option("--card", "print its CARD.md: the page to file, or to show to others")
    .addHelpText(
      "after",
      "\nExamples:\n  ratchet snapshot show 019ab3c4-0000-7000-8000-000000000001\n  ratchet snapshot show 019ab3c4-0000-7000-8000-000000000001 --card > CARD.md\n  ratchet snapshot show 019ab3c4-0000-7000-8000-000000000001 --json   # the manifest is in it",
    )
    .action((id: string, { card }: { card?: boolean }) => (card === true ? printCard(context, id) : show(context, id)));
  for (const command of [snapshotDiff, snapshotExport, snapshotRehearse, snapshotRebuild])
    command.register(snapshot, context);
}

async function list(context: Context, options: PageOptions): Promise<void> {
  const answer = await context.api().get(await loopPath(context, "/snapshots"), pageQuery(options));
  context.print(answer, () => {
    const page = read(pageOf(snapshotShape.extend({ manifest: z.unknown() })), answer);
    if (page.data.length === 0) return ["No snapshot yet. Each cycle makes one: ratchet cycle start"];
    const rows = page.data.map(({ manifest, ...row }) => ({ ...row, manifest: readManifest(manifest) }));
    return [
      ...table(rows, [
        { title: "SNAPSHOT", value: (row) => row.id },
        { title: "MADE (UTC)", value: (row) => instant(row.created_at).replace(" UTC", "") },
        { title: "KEPT", value: ({ manifest }) => orDash(figure, manifest?.kept), align: "right" },
        { title: "TOKENS", value: ({ manifest }) => orDash(rough, manifest && tokensOf(manifest)), align: "right" },
        {
          title: "FILES",
          value: ({ manifest }) => orDash(size, manifest && bytesOf(manifest)),
          align: "right",
        },
      ]),
      ...moreLine(page),
    ];
  });
}

async function show(context: Context, id: string): Promise<void> {
  const answer = await context.api().get(await loopPath(context, `/snapshots/${encodeURIComponent(id)}`));
  context.print(answer, () => describeSnapshot(answer));
}

async function printCard(context: Context, id: string): Promise<void> {
  const path = `/api/snapshots/${encodeURIComponent(id)}/files/CARD.md`;
  const { body } = await context.api().download(path, { loop: context.loop });
  await writeOut(context, body, { file: undefined, what: "the card" });
}

const orDash = (words: (value: number) => string, value: number | null | undefined) =>
  value == null ? "-" : words(value);
const bytesOf = ({ files }: { files: readonly { bytes: number }[] }) =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

// ratchet snapshot export: a snapshot in the format of another trainer.
import { type Command, Option } from "commander";
import { FORMATS, type FormatName } from "../snapshot/formats/formats.ts";
import { limitsOf } from "../snapshot/formats/limits.ts";
import { REMEDIES } from "../snapshot/formats/remedies.ts";
import type { Context } from "./context.ts";
import { counted, figure } from "./terminal/figures.ts";
import { plain } from "./terminal/plain.ts";
import { writeOut } from "./write-out.ts";

interface Options {
  format: FormatName;
  side: string;
  output?: string;
}

export function register(snapshot: Command, context: Context): void {
  snapshot
    .command("export")
    .description(
      "Write a snapshot in a training format, one line of JSON an example; what was left out is said on standard error.",
    )
    .argument("<id>", "the snapshot")
    .addOption(
      new Option("--format <name>", "for which trainer: see docs/formats.md")
        .choices(Object.keys(FORMATS))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--side <side>", "which people's examples").choices(["training", "validation"]).default("training"),
    )
    .option("--output <file>", "where to write (default: standard output)")
    .addHelpText(
      "after",
      "\nExamples:\n  ratchet snapshot export 019ab3c4-0000-7000-8000-000000000001 --format trl-dpo --output pairs.jsonl\n  ratchet snapshot export 019ab3c4-0000-7000-8000-000000000001 --format chatml --side validation | head",
    )
    .action((id: string, options: Options) => exportSnapshot(context, id, options));
}

async function exportSnapshot(context: Context, id: string, { format, side, output }: Options): Promise<void> {
  const path = `/api/snapshots/${encodeURIComponent(id)}/export`;
  const { head, body } = await context.api().download(path, { format, side, loop: context.loop });
  const leftOut = readLeftOut(head.get("x-ratchet-left-out") ?? "");
  const written = await writeOut(context, body, { file: output, what: "the export" });
  const told = [
    `exported ${counted(written.lines, "line")}${output === undefined ? "" : ` to ${output} (${figure(written.bytes)} bytes)`}${inWords(leftOut)}`,
    ...leftOut.map(
      ({ rule }) => `  ${rule}: a line ${REMEDIES[rule as keyof typeof REMEDIES] ?? "of another version"}`,
    ),
    ...tooFew(format, side, written.lines),
  ];
  if (output !== undefined && context.json)
    context.print(
      { file: output, ...written, left_out: Object.fromEntries(leftOut.map(({ rule, lines }) => [rule, lines])) },
      () => [],
    );
  else context.err.write(told.map((line) => `${plain(line)}\n`).join(""));
}

interface LeftOut {
  readonly rule: string;
  readonly lines: number;
}

function readLeftOut(header: string): LeftOut[] {
  return [...header.matchAll(/([a-z-]+)=(\d+)/g)].map(([, rule, lines]) => ({ rule: rule!, lines: Number(lines) }));
}

/** "; 3 left out: images-not-carried 3". */
function inWords(leftOut: readonly LeftOut[]): string {
  if (leftOut.length === 0) return "";
  const all = leftOut.reduce((sum, { lines }) => sum + lines, 0);
  return `; ${figure(all)} left out: ${leftOut.map(({ rule, lines }) => `${rule} ${figure(lines)}`).join(", ")}`;
}

function tooFew(format: FormatName, side: string, lines: number): string[] {
  const { fewestExamples } = limitsOf(format);
  if (side !== "training" || lines >= fewestExamples) return [];
  return [`OpenAI trains on no fewer than ${fewestExamples}: collect more, or train elsewhere`];
}

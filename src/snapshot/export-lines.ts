// Writes a snapshot's files in another format, line by line: from what they hold, and from nothing else.
import { z } from "zod";
import { message } from "../domain/message.ts";
import { demonstrationOf } from "./demonstration.ts";
import { type ExampleRule, finishedLine } from "./formats/check-line.ts";
import { fileLines } from "./formats/file-lines.ts";
import { FORMATS, type FormatName } from "./formats/formats.ts";
import { limitsOf } from "./formats/limits.ts";
import type { SnapshotRole } from "./manifest.ts";
import type { Side } from "./preferences.ts";
import { type ManifestRead, saysWhatIsLearned } from "./read-manifest.ts";

/** A line in the format, with its newline, or why it cannot be one. */
export type ExportedLine = { readonly line: string } | { readonly rule: ExampleRule };

export interface Export {
  readonly format: FormatName;
  readonly side: Side;
}

type Pieces = AsyncIterable<Uint8Array>;

/** The files that a format is made of, in their order. */
export function rolesOf({ format, side }: Export): readonly SnapshotRole[] {
  const { takes } = FORMATS[format];
  if (takes === "demonstration") return [side];
  return takes === "rated-answer" ? [side, "rejected"] : ["preferences"];
}

/**
 * The lines of a side in a format, in the order of the files. `open` reads a file by its role. No more than one line is
 * held; whoever stops early lets go of the file.
 */
export async function* exportLines(
  { format, side }: Export,
  manifest: Pick<ManifestRead, "format" | "recipe">,
  open: (role: SnapshotRole) => Promise<Pieces>,
): AsyncGenerator<ExportedLine, void> {
  const learned = { whole: manifest.recipe?.turns === "conversations", weighted: saysWhatIsLearned(manifest) };
  for (const role of rolesOf({ format, side }))
    for await (const { text } of fileLines(await open(role))) {
      if (text === null) throw new Error(`the ${role} file of a snapshot is not UTF-8`);
      const made = role === side ? fromDemonstration(format, text, learned) : fromOpinion(format, text, side);
      if (made !== null) yield made;
    }
}

function fromDemonstration(
  format: FormatName,
  text: string,
  learned: Parameters<typeof demonstrationOf>[1],
): ExportedLine {
  const demonstration = demonstrationOf(text, learned);
  if (format === "trl-kto") return finished(format, { ...demonstration, label: true });
  return finished(format, demonstration);
}

const opinion = z.looseObject({ side: z.string() });
const asked = { messages: z.array(message), tools: z.array(z.unknown()).optional() };
const pair = z.object({ ...asked, chosen: message, rejected: message, source: z.enum(["correction", "rated"]) });
const rejected = z.object({ ...asked, answer: message });

/** Null for what people of the other side said. */
function fromOpinion(format: FormatName, text: string, side: Side): ExportedLine | null {
  const line: unknown = JSON.parse(text);
  if (opinion.parse(line).side !== side) return null;
  if (format === "trl-kto") return finished(format, { ...rejected.parse(line), label: false });
  return finished(format, pair.parse(line));
}

/** Tokens are counted where there is a limit to them. */
function finished(format: FormatName, input: object): ExportedLine {
  const limits = limitsOf(format);
  const counted = limits.tokensAnExample === Infinity ? 0 : undefined;
  const made = finishedLine(format, input as never, limits, counted);
  return "rule" in made ? made : { line: made.line };
}

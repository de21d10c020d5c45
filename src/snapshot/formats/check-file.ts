// Checks a finished training file line by line before anything is uploaded, however large it is.
import { Fault } from "../../domain/fault.ts";
import { DEEPEST, isDeeper } from "../map-texts.ts";
import { checkLine, type LineRule } from "./check-line.ts";
import { fileLines } from "./file-lines.ts";
import type { FormatName } from "./formats.ts";
import { limitsOf, type TrainingLimits } from "./limits.ts";
import { REMEDIES } from "./remedies.ts";

export type FileRule = "too-few-examples" | "file-too-large" | "too-many-examples-with-images";

export interface LineFault {
  /** From 1. */
  readonly line: number;
  readonly rule: LineRule;
  /** What is wrong and what to do, without a word of the line. */
  readonly words: string;
}

export interface FileReport {
  readonly examples: number;
  readonly bytes: number;
  readonly tokens: number;
  /** Rules that lines break, with how many do. */
  readonly broken: Readonly<Partial<Record<LineRule, number>>>;
  /** The first hundred of them. */
  readonly lineFaults: readonly LineFault[];
  readonly fileFaults: readonly { readonly rule: FileRule; readonly words: string }[];
}

const FAULTS_KEPT = 100;
/** What a message may hold, and as much around it: writers of JSON go down level by level, and run out of stack. */
const DEEPEST_LINE = 2 * DEEPEST;

/** One line as text, without its newline: what is wrong with it, or null. */
export function validateTrainingLine(
  format: FormatName,
  text: string,
  limits: TrainingLimits = limitsOf(format),
): { readonly rule: LineRule | null; readonly tokens: number; readonly images: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { rule: "not-json", tokens: 0, images: false };
  }
  if (isDeeper(value, DEEPEST_LINE)) return { rule: "nested-too-deeply", tokens: 0, images: false };
  return checkLine(format, value, limits);
}

/** Reads a file in pieces of any size (a stream of it will do) and holds no more than one line. A line of white space alone counts as none. */
export async function validateTrainingFile(
  format: FormatName,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  limits: TrainingLimits = limitsOf(format),
): Promise<FileReport> {
  const broken: Partial<Record<LineRule, number>> = {};
  const lineFaults: LineFault[] = [];
  const totals = { examples: 0, bytes: 0, tokens: 0, images: 0 };
  let line = 0;
  for await (const { text, bytes } of fileLines(pieces)) {
    line += 1;
    totals.bytes += bytes;
    if (text !== null && text.trim() === "") continue;
    totals.examples += 1;
    const { rule, tokens, images } =
      text === null
        ? { rule: "not-json" as const, tokens: 0, images: false }
        : validateTrainingLine(format, text, limits);
    totals.tokens += tokens;
    if (images) totals.images += 1;
    if (rule === null) continue;
    broken[rule] = (broken[rule] ?? 0) + 1;
    if (lineFaults.length < FAULTS_KEPT) lineFaults.push({ line, rule, words: `line ${line} ${REMEDIES[rule]}` });
  }
  const { examples, bytes, tokens } = totals;
  return { examples, bytes, tokens, broken, lineFaults, fileFaults: fileFaults(totals, limits) };
}

/** The error to stop with before an upload; null for a file that may go. */
export function faultOf({ examples, broken, lineFaults, fileFaults: ofFile }: FileReport): Fault | null {
  const [first] = [...ofFile, ...lineFaults];
  if (first === undefined) return null;
  const lines = Object.values(broken).reduce((sum, count) => sum + count, 0);
  const share = lines === 0 ? "" : `; ${lines} of ${examples} lines cannot be trained on`;
  return new Fault("invalid", `the training file cannot be used: ${first.words}${share}`, {
    hint: "put right what is named, or leave those lines out",
    details: { lines: broken, file: ofFile.map(({ rule }) => rule) },
  });
}

function fileFaults(
  { examples, bytes, images }: { examples: number; bytes: number; images: number },
  limits: TrainingLimits,
): FileReport["fileFaults"] {
  const faults: [boolean, FileRule, string][] = [
    [
      examples < limits.fewestExamples,
      "too-few-examples",
      `it has ${examples} of at least ${limits.fewestExamples} examples: collect more`,
    ],
    [
      bytes > limits.fileBytes,
      "file-too-large",
      `it has ${bytes} of at most ${limits.fileBytes} bytes: lower snapshot.maxFileBytes`,
    ],
    [
      images > limits.examplesWithImages,
      "too-many-examples-with-images",
      `${images} of at most ${limits.examplesWithImages} examples have images: leave some out`,
    ],
  ];
  return faults.filter(([broken]) => broken).map(([, rule, words]) => ({ rule, words }));
}

// A file of the operator's own to rehearse from, in OpenAI's supervised format: checked when it is kept, and read when a
// snapshot is made.
import { Fault } from "../domain/fault.ts";
import { type FileReport, validateTrainingFile, validateTrainingLine } from "./formats/check-file.ts";
import { fileLines } from "./formats/file-lines.ts";
import { jsonLine } from "./formats/json-line.ts";
import { OPENAI_LIMITS } from "./formats/limits.ts";
import { REMEDIES } from "./formats/remedies.ts";
import { hash53 } from "./ledger.ts";

/** Bytes. */
export const LARGEST_REHEARSAL = 50_000_000;

const LIMITS = { ...OPENAI_LIMITS, fewestExamples: 1, fileBytes: LARGEST_REHEARSAL };
const FAULTS_TOLD = 10;

export interface RehearsalLine {
  /** JSON, without its newline. */
  readonly line: string;
  readonly tokens: number;
}

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Counts what the file holds. Throws a Fault `invalid` that names the lines that cannot be learned, and what to do. */
export async function checkRehearsal(pieces: Pieces): Promise<{ lines: number; tokens: number }> {
  const report = await validateTrainingFile("openai-sft", pieces, LIMITS);
  const fault = faultOf(report);
  if (fault !== null) throw fault;
  return { lines: report.examples, tokens: report.tokens };
}

/**
 * The file's lines as they go into a training file: made safe, each on one line, in their order; a line of white space alone is
 * none. Throws a Fault `invalid` at the first that cannot be learned.
 */
export async function readRehearsal(pieces: Pieces): Promise<RehearsalLine[]> {
  const lines: RehearsalLine[] = [];
  let number = 0;
  for await (const { text } of fileLines(pieces)) {
    number += 1;
    if (text?.trim() === "") continue;
    const { rule, tokens } =
      text === null ? { rule: "not-json" as const, tokens: 0 } : validateTrainingLine("openai-sft", text, LIMITS);
    if (rule !== null) throw invalid(`line ${number} ${REMEDIES[rule]}`);
    lines.push({ line: jsonLine(JSON.parse(text!)).slice(0, -1), tokens });
  }
  return lines;
}

/**
 * So many lines that they are about `share` (from 0, below 1) of a set whose other part is `fresh` examples, or all there are: those
 * with the smallest hash of seed and line, in the order of the file. So the same lines are rehearsed from snapshot to snapshot.
 */
export function chooseRehearsal(
  lines: readonly RehearsalLine[],
  { fresh, share, seed }: { fresh: number; share: number; seed: string },
): RehearsalLine[] {
  const wanted = Math.min(lines.length, Math.ceil((share / (1 - share)) * fresh));
  const chances = Float64Array.from(lines, ({ line }) => hash53(`${seed}\n${line}`));
  const order = Uint32Array.from(lines.keys()).sort((a, b) => chances[a]! - chances[b]! || a - b);
  return Array.from(order.subarray(0, wanted).sort(), (index) => lines[index]!);
}

function faultOf({ examples, broken, lineFaults, fileFaults }: FileReport): Fault | null {
  const words = [...fileFaults, ...lineFaults].map((fault) => fault.words);
  if (words.length === 0) return null;
  const count = Object.values(broken).reduce((sum, lines) => sum + lines, 0);
  const told = words.slice(0, FAULTS_TOLD);
  const share = count === 0 ? "" : `${count} of ${examples} lines cannot be learned: `;
  return invalid(`${share}${told.join("; ")}`, { faults: told, lines: broken }, "; nothing was kept");
}

function invalid(words: string, details: Record<string, unknown> = {}, more = ""): Fault {
  return new Fault("invalid", `the rehearsal file cannot be used: ${words}`, {
    hint: `each line is an example, as {"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}${more}`,
    details,
  });
}

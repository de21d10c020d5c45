// Writes the chosen rows into the snapshot's files, in the order of ids, and sums up what was written.
import { lastUserText, messageText } from "../domain/message.ts";
import type { Choice } from "./choose.ts";
import { type Diversity, diversityOf, SAMPLE } from "./diversity.ts";
import type { Example } from "./example.ts";
import type { OpenFile } from "./files.ts";
import { jsonLine } from "./formats/json-line.ts";
import { hash53, type Ledger } from "./ledger.ts";
import { lazily, type OpenedFile, type Origin, type SnapshotLine, startFile } from "./line-file.ts";
import type { ManifestFile, SnapshotRole } from "./manifest.ts";
import { bestByQuestion, correctionLine, ratedLine, rejectedLine } from "./preferences.ts";
import type { RehearsalLine } from "./rehearsal-file.ts";
import type { Scratch } from "./scratch.ts";
import { exampleOf, fromScratch, type Texts } from "./texts.ts";

export interface Written {
  readonly files: readonly ManifestFile[];
  readonly redactions: Readonly<Record<string, number>>;
  /** Answers that people rated down and that are left out, or not paired, since what they preferred stands on the other side. */
  readonly pairsAcross: number;
  readonly diversity: Diversity;
}

export interface WriteDeps {
  readonly scratch: Scratch;
  readonly open: OpenFile;
  /** Takes where lines come from as they are written, some thousand at a time: all but those of the examples file, which say it. */
  readonly trace: (lines: readonly SnapshotLine[]) => Promise<void>;
  readonly onProgress: (written: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const BLOCK = 4000;

/**
 * Writes training, validation (where there is one) and examples, and what other formats need beside them: preferences and
 * rejected answers, where there are some. `nameOf` names a role's file.
 */
export async function writeFiles(
  ledger: Ledger,
  choice: Choice,
  nameOf: (role: SnapshotRole) => string,
  { seed, rehearsal }: { seed: string; rehearsal: readonly RehearsalLine[] },
  deps: WriteDeps,
): Promise<Written> {
  const redactions: Record<string, number> = {};
  const sample = new Set(sampleOf(ledger, choice.training, seed));
  const answers: string[] = [];
  const file = (role: SnapshotRole) => startFile(deps.open, nameOf(role), role);
  const preferences = lazily(nameOf("preferences"), () => file("preferences"));

  const rejected = lazily(nameOf("rejected"), () => file("rejected"));
  /** A correction was preferred to what it replaced, and that was not wanted. */
  const corrected = (row: number, text: Texts): SnapshotLine[] => {
    const pair = correctionLine(ledger, choice, row, text);
    if (pair === null) return [];
    const origins: Origin[] = [[ledger.id(row), text.feedbackId]];
    const unwanted = rejectedLine(ledger, choice, row, text, text.replaced);
    return [...preferences.add(pair, origins), ...rejected.add(unwanted, origins)];
  };

  const training = await file("training");
  const examples = await file("examples");
  for await (const [rows, texts] of blocks(ledger, choice.training, deps)) {
    const lines: SnapshotLine[] = [];
    for (const [index, row] of rows.entries()) {
      const text = texts[index]!;
      addTo(redactions, text.redactions);
      const example = exampleOf(text.line);
      if (sample.has(row)) answers.push(messageText(example.answer));
      for (let copy = choice.weight(row); copy > 0; copy--)
        lines.push(lineOf(training, training.add(text.line, ledger.tokens(row)), ledger.id(row), text));
      examples.add(approved(ledger.id(row), text, example), 0);
      lines.push(...corrected(row, text));
    }
    await Promise.all([training, examples, preferences, rejected].map((one) => one.flush()).concat(deps.trace(lines)));
  }
  for (const { line, tokens } of rehearsal) training.add(line, tokens);
  await training.flush();
  const files = [await training.close()];

  if (choice.validation.length > 0) {
    const validation = await file("validation");
    for await (const [rows, texts] of blocks(ledger, choice.validation, deps)) {
      const lines = rows.flatMap((row, index) => {
        const text = texts[index]!;
        addTo(redactions, text.redactions);
        return [
          lineOf(validation, validation.add(text.line, ledger.tokens(row)), ledger.id(row), text),
          ...corrected(row, text),
        ];
      });
      await Promise.all([validation, preferences, rejected].map((one) => one.flush()).concat(deps.trace(lines)));
    }
    files.push(await validation.close());
  }
  files.push(await examples.close());

  const best = choice.rejected.length === 0 ? new Map<number, number>() : bestByQuestion(ledger);
  let pairsAcross = choice.acrossSides;
  for await (const [rows, texts] of blocks(ledger, choice.rejected, deps)) {
    const rivals = rows.map((row) => rivalOf(ledger, choice, best, row));
    const read = await deps.scratch.read(rivals.filter((rival) => rival !== null).map(ledger.place));
    const lines: SnapshotLine[] = [];
    for (const [index, row] of rows.entries()) {
      const text = texts[index]!;
      const origin: Origin = [ledger.id(row), text.feedbackId];
      lines.push(...rejected.add(rejectedLine(ledger, choice, row, text, text.line), [origin]));
      const rival = rivals[index]!;
      if (rival === null) {
        if (best.has(ledger.asked(row))) pairsAcross += 1;
        continue;
      }
      const chosen = { row: rival, texts: fromScratch(read.shift()!) };
      const origins: Origin[] = [[ledger.id(rival), chosen.texts.feedbackId], origin];
      lines.push(...preferences.add(ratedLine(ledger, choice, chosen, { row, texts: text }), origins));
    }
    await Promise.all([rejected.flush(), preferences.flush(), deps.trace(lines)]);
  }
  for (const one of [preferences, rejected]) files.push(...(await one.close()));
  return { files, redactions, pairsAcross, diversity: diversityOf(answers, ...variety(ledger, choice)) };
}

/** The row that is kept and answers the same question as one that was rejected, on the same side; null where there is none. */
function rivalOf(ledger: Ledger, choice: Choice, best: ReadonlyMap<number, number>, row: number): number | null {
  const rival = best.get(ledger.asked(row)) ?? null;
  return rival === null || choice.isValidation(rival) !== choice.isValidation(row) ? null : rival;
}

/** The rows and their texts, a block at a time. */
async function* blocks(
  ledger: Ledger,
  rows: Uint32Array,
  { scratch, onProgress, signal }: WriteDeps,
): AsyncGenerator<[number[], Texts[]]> {
  for (let start = 0; start < rows.length; start += BLOCK) {
    signal?.throwIfAborted();
    const block = Array.from(rows.subarray(start, start + BLOCK));
    const texts = await scratch.read(block.map(ledger.place));
    yield [block, texts.map(fromScratch)];
    onProgress(start + block.length);
  }
}

function lineOf(file: OpenedFile, line: number, interactionId: string, { feedbackId }: Texts): SnapshotLine {
  return { file: file.name, line, interactionId, feedbackId };
}

/**
 * An approved example as the in-context trainer looks it up: by what was asked last, and never for another person's eyes
 * when a loop forbids it (`unit`).
 */
function approved(interactionId: string, { unit, actionType }: Texts, { messages, answer }: Example): string {
  const prompt = lastUserText(messages);
  return jsonLine({ interaction_id: interactionId, unit, action_type: actionType, prompt, response: answer }).slice(
    0,
    -1,
  );
}

function addTo(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [type, count] of Object.entries(counts)) sums[type] = (sums[type] ?? 0) + count;
}

/** The rows whose answers diversity is measured on: chance that the seed settles. */
function sampleOf(ledger: Ledger, rows: Uint32Array, seed: string): number[] {
  const chances = Float64Array.from(rows, (row) => hash53(`${seed}\n${ledger.id(row)}`));
  const order = Uint32Array.from(rows.keys()).sort((a, b) => chances[a]! - chances[b]! || a - b);
  return Array.from(order.subarray(0, SAMPLE), (index) => rows[index]!);
}

function variety(ledger: Ledger, { training, validation }: Choice): [people: number, byAction: number[]] {
  const people = new Set<number>();
  const byAction = ledger.actionNames.map(() => 0);
  for (const rows of [training, validation])
    for (const row of rows) {
      if (ledger.unit(row) !== 0) people.add(ledger.unit(row));
      byAction[ledger.action(row)]! += 1;
    }
  return [people.size, byAction];
}

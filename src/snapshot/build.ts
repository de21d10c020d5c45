// Puts a snapshot together from prepared rows: read their facts, choose, write the files, and say what was done.
import { createHash } from "node:crypto";
import { lastUserText } from "../domain/message.ts";
import { cardOf } from "./card.ts";
import { type Choice, type ChoosingRules, choose, dropsOf } from "./choose.ts";
import { type DropCounts, dropWords } from "./drop-words.ts";
import type { ClosedFile } from "./files.ts";
import type { Ledger } from "./ledger.ts";
import { type Manifest, manifestOf, type SnapshotRole } from "./manifest.ts";
import { type PreparedRow, type Reading, readRows } from "./read.ts";
import { type Recipe, recipeId } from "./recipe.ts";
import type { RehearsalLine } from "./rehearsal-file.ts";
import { rehearseFromFile } from "./rehearse-from-file.ts";
import { createGoldOverlap } from "./rules/gold-overlap.ts";
import type { SelectionRules } from "./select.ts";
import { exampleOf, fromScratch, gistOfLine } from "./texts.ts";
import { type WriteDeps, type Written, writeFiles } from "./write.ts";

/** What of a loop's settings decides a snapshot's content; recorded in the manifest as given. */
export interface SnapshotSettings extends SelectionRules, Omit<ChoosingRules, "maxTrainingBytes"> {
  readonly corrections: boolean;
  readonly window: string | null;
  readonly rehearsalFile: string | null;
}

export interface SnapshotOptions {
  readonly loop: string;
  readonly settings: SnapshotSettings;
  readonly recipe: Recipe;
  readonly asOf: Date;
  /** Which of the loop's snapshots of that day it is, from 1. */
  readonly numberOfDay: number;
  readonly watermark: number;
  /** The pulse after which a window "since training" opens. */
  readonly windowFrom: number | null;
  /** The instant from which a window of a duration opens. */
  readonly windowSince: Date | null;
  readonly codeVersion: string;
  readonly seed: string;
  /** What the gold set asks; null: the loop has none. */
  readonly gold: { readonly asked: readonly string[]; readonly sha256: string } | null;
  /** The lines of the operator's own file; a share of them is rehearsed. */
  readonly rehearsal: readonly RehearsalLine[];
  /** What one run on so many tokens would cost, by trainer. */
  readonly estimate: (tokens: number) => Readonly<Record<string, number | null>>;
}

export type SnapshotOutcome =
  | {
      readonly kind: "built";
      readonly manifest: Manifest;
      readonly manifestSha256: string;
      /** The manifest, the card and what the gold set asked, beside the manifest's own files. */
      readonly pages: readonly (ClosedFile & { readonly name: string })[];
      /** "38 of 412 dropped: …" */
      readonly words: string;
    }
  | {
      readonly kind: "empty";
      readonly considered: number;
      readonly dropped: DropCounts;
      readonly words: string;
    };

export const MANIFEST_PAGE = "manifest.json";
export const CARD_PAGE = "CARD.md";
/** What the gold set asked, as a list: without it nobody could make the snapshot again. */
export const GOLD_PAGE = "gold.json";

/**
 * Builds a snapshot from rows in the order of their ids: the same rows and options give the same bytes. An empty result is
 * an outcome with its reasons, not an error; then no file is opened.
 */
export async function buildSnapshot(
  rows: AsyncIterable<readonly PreparedRow[]>,
  options: SnapshotOptions,
  deps: WriteDeps,
): Promise<SnapshotOutcome> {
  const { settings, seed, gold } = options;
  const { scratch, signal } = deps;
  const rehearses = settings.rehearsalShare > 0 && settings.rehearsalFile === null;
  const overlaps = gold === null ? null : createGoldOverlap(gold.asked);
  const isGold = (line: string) => overlaps?.(lastUserText(exampleOf(line).messages)) ?? false;
  const reading = await readRows(rows, { ...settings, rehearses }, { scratch, isGold });
  const { ledger } = reading;
  const gists = async (wanted: readonly number[]) =>
    (await scratch.read(wanted.map(ledger.place))).map((text) => gistOfLine(fromScratch(text).line));
  const rehearsed = options.rehearsal.length === 0 ? 0 : settings.rehearsalShare; // for which the training file keeps room
  const rules = { ...settings, maxTrainingBytes: Math.floor(settings.maxFileBytes * (1 - rehearsed)) };
  const choice = await choose(ledger, rules, { seed, gists, ratedDown: reading.ratedDown, signal });

  const dropped = sumOf(reading.dropped, dropsOf(ledger));
  const words = dropWords(reading.considered, dropped, settings.minQuality);
  if (choice.training.length === 0) return { kind: "empty", considered: reading.considered, dropped, words };

  const name = fileNames(options);
  const rehearsal = rehearseFromFile(options.rehearsal, ledger, choice.validation, {
    fresh: choice.training.length,
    share: settings.rehearsalShare,
    seed,
    room: settings.maxFileBytes - choice.training.reduce((sum, row) => sum + ledger.bytes(row) * choice.weight(row), 0),
    isGold,
  });
  const written = await writeFiles(ledger, choice, name, { seed, rehearsal }, deps);
  const sealed = manifestOf({
    ...factsOf(options, reading, dropped, written),
    rehearsed: rehearsedOf(ledger, choice, rehearsal),
  });
  const page = async (title: string, text: string) => {
    const file = await deps.open(title);
    await file.write(text);
    return { name: title, ...(await file.close()) };
  };
  const pages = [
    await page(MANIFEST_PAGE, sealed.text),
    await page(CARD_PAGE, cardOf(sealed.manifest, sealed.sha256)),
    ...(gold === null ? [] : [await page(GOLD_PAGE, JSON.stringify(gold.asked))]),
  ];
  return { kind: "built", manifest: sealed.manifest, manifestSha256: sealed.sha256, pages, words };
}

/** "training-snapshot-2026-11-27.jsonl", and from the second of a day on "…-2.jsonl". */
function fileNames({ asOf, numberOfDay }: SnapshotOptions): (role: SnapshotRole) => string {
  const day = asOf.toISOString().slice(0, 10);
  return (role) => `${role}-snapshot-${day}${numberOfDay === 1 ? "" : `-${numberOfDay}`}.jsonl`;
}

function factsOf(
  options: SnapshotOptions,
  { ledger, considered, byAction }: Reading,
  dropped: DropCounts,
  { files, redactions, diversity, pairsAcross }: Written,
): Omit<Manifest, "format" | "rehearsed"> {
  const { settings, recipe, gold } = options;
  const kept = ledger.kept();
  return {
    loop: options.loop,
    created_for: options.asOf.toISOString(),
    number_of_day: options.numberOfDay,
    settings: { ...settings },
    recipe: { ...recipe, id: recipeId(recipe) },
    watermark: options.watermark,
    window_from: options.windowFrom,
    window_since: options.windowSince?.toISOString() ?? null,
    code_version: options.codeVersion,
    seed: options.seed,
    gold: gold === null ? null : { cases: gold.asked.length, sha256: gold.sha256 },
    files,
    considered,
    kept: kept.length,
    dropped,
    by_action_type: beforeAndAfter(byAction, ledger, kept),
    redactions,
    own_outputs: kept.filter(ledger.isOwn).length,
    corrections: kept.filter(ledger.isCorrected).length,
    rejected_across_sides: pairsAcross,
    diversity,
    estimated_usd: options.estimate(files.find(({ role }) => role === "training")?.tokens ?? 0),
  };
}

function sumOf(...counts: DropCounts[]): DropCounts {
  const sum: Record<string, number> = {};
  for (const one of counts) for (const [rule, count] of Object.entries(one)) sum[rule] = (sum[rule] ?? 0) + count;
  return sum;
}

/** Interactions without an action type are counted under "". */
function beforeAndAfter(
  before: ReadonlyMap<string, number>,
  ledger: Ledger,
  kept: Uint32Array,
): Manifest["by_action_type"] {
  const after = ledger.actionNames.map(() => 0);
  for (const row of kept) after[ledger.action(row)]! += 1;
  return Object.fromEntries(
    [...before].map(([action, count]) => {
      const number = ledger.actionNames.indexOf(action);
      return [action, { before: count, after: number === -1 ? 0 : after[number]! }];
    }),
  );
}

/** How many examples from before the window are rehearsed, and a hash that pins which: of their ids, or of a file's lines. */
function rehearsedOf(ledger: Ledger, { training }: Choice, lines: readonly RehearsalLine[]): Manifest["rehearsed"] {
  const old = training.filter(ledger.isOld);
  const examples = old.length + lines.length;
  if (examples === 0) return { examples, sha256: null };
  const hash = createHash("sha256");
  for (const row of old) hash.update(`${ledger.id(row)}\n`);
  for (const { line } of lines) hash.update(`${line}\n`);
  return { examples, sha256: hash.digest("hex") };
}

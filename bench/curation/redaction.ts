// How well and how fast personal data is found, beside the usual regular expressions and Presidio's patterns.

import { findPersonalData, RECOGNISERS } from "../../src/snapshot/redact.ts";
import { type LabelledText, ownLines, sharedLines } from "../../test/snapshot/redaction/labelled-lines.ts";
import { F1_TARGETS, type Finder, MOST_FALSE_HITS, score } from "../../test/snapshot/redaction/score.ts";
import type { BenchmarkReport } from "../benchmark.ts";
import type { Table } from "../table.ts";
import { findNaively } from "./naive-redaction.ts";
import { type PresidioRun, runPresidio } from "./presidio.ts";

/** Million characters a second on one core. */
const SPEED = 4;

const ROW = 880;
const CALLS = 5;
const FILLER =
  "could you move my meeting to the day after tomorrow and tell everybody who was going to be there why it could not be today, please? " +
  "sure, i have moved it and written to all of them; two asked whether the room is the same, and i said that it is. ";

type Part = Pick<BenchmarkReport, "rows" | "limits"> & { tables: Table[]; notes: string[] };

/** Rows of 880 characters with one marked line in each are what a loop's interactions are like; the lines alone are the hardest case. */
export function measureRedaction(quick: boolean): Part {
  const own = ownLines();
  const shared = sharedLines();
  const lines = own.map(({ text }) => text);
  const rows = lines.map((text) => `${text} ${FILLER.repeat(4)}`.slice(0, ROW));
  const rounds = quick ? 3 : 9;
  const notes: string[] = [];
  const find: Finder = (text) => findPersonalData(text, RECOGNISERS);
  const throughRows = processorTime(() => countIn(rows, find), rounds);
  const throughLines = processorTime(() => countIn(lines, find), rounds);
  const naiveRows = processorTime(() => countIn(rows, findNaively), rounds);
  const naiveLines = processorTime(() => countIn(lines, findNaively), rounds);
  const sets: [string, readonly LabelledText[]][] = [
    ["our own lines", own],
    ...(shared === undefined ? [] : [["hard.jsonl", shared] as [string, LabelledText[]]]),
  ];
  if (shared === undefined) notes.push("../shared/data/pii/hard.jsonl is not there: our own lines only");
  const asked = sets.flatMap(([, set]) => set.map(({ text }) => text));
  const presidio = runPresidio(asked, rows.slice(0, quick ? 50 : 200), quick ? 1 : 3);
  if ("skipped" in presidio) notes.push(`Presidio is left out: ${presidio.skipped}`);
  const known = "skipped" in presidio ? undefined : presidio;
  const speed = (name: string, texts: readonly string[], nanoseconds: number) =>
    `${name}: ${megaCharacters(texts, nanoseconds).toFixed(1)} million characters a second of processor time`;
  notes.push(
    speed("rows of 880 characters", rows, throughRows),
    speed("marked lines alone", lines, throughLines),
    speed("usual expressions on rows", rows, naiveRows),
    ...(known === undefined
      ? []
      : [speed("Presidio's patterns on rows", rows.slice(0, quick ? 50 : 200), known.nanoseconds)]),
  );
  const perRow = (nanoseconds: number, texts: readonly string[]) => nanoseconds / texts.length;
  const scored = sets.map(([name, set]) => ({ name, set, score: score(set, find) }));
  const fast = megaCharacters(rows, throughRows);
  return {
    rows: [
      ["a row of 880 characters", "find", perRow(throughRows, rows), perRow(naiveRows, rows)] as const,
      ["a row of 880 characters", "usual expressions", perRow(naiveRows, rows), perRow(naiveRows, rows)] as const,
      ["a marked line alone", "find", perRow(throughLines, lines), perRow(naiveLines, lines)] as const,
      ["a marked line alone", "usual expressions", perRow(naiveLines, lines), perRow(naiveLines, lines)] as const,
    ].map(([name, subject, nanoseconds, peer]) => ({ case: name, subject, nanoseconds, ratio: nanoseconds / peer })),
    tables: scored.map(({ name, set }) => tableOf(name, set, find, presidioFinder(known, asked))),
    limits: [
      ...scored.flatMap(({ name, score: { types, falseHits } }) => [
        ...Object.entries(F1_TARGETS).map(([type, target]) => ({
          limit: `${type} on ${name}: F1 at least ${target} (${types.get(type)!.f1.toFixed(3)})`,
          holds: types.get(type)!.f1 >= target,
        })),
        {
          limit: `at most ${MOST_FALSE_HITS} false hit on ${name} (${falseHits})`,
          holds: falseHits <= MOST_FALSE_HITS,
        },
      ]),
      {
        limit: `at least ${SPEED} million characters a second of processor time on rows (${fast.toFixed(1)})`,
        holds: fast >= SPEED,
      },
    ],
    notes,
  };
}

/** Nanoseconds of processor time for one call, the median of the rounds after a warm-up: a machine that does other things as well does not change it much. */
function processorTime(work: () => number, rounds: number): number {
  let kept = 0;
  const run = () => {
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) kept += work();
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / CALLS;
  };
  run();
  const times = Array.from({ length: rounds }, run).sort((a, b) => a - b);
  if (Number.isNaN(kept)) throw new Error("the measured work gave no number");
  return times[Math.floor(rounds / 2)]!;
}

function countIn(texts: readonly string[], find: Finder): number {
  return texts.reduce((sum, text) => sum + find(text).length, 0);
}

function megaCharacters(texts: readonly string[], nanoseconds: number): number {
  return (texts.reduce((sum, text) => sum + text.length, 0) / nanoseconds) * 1000;
}

/** Presidio answered for all lines at once. */
function presidioFinder(run: PresidioRun | undefined, asked: readonly string[]): Finder | undefined {
  if (run === undefined) return undefined;
  const known = new Map(asked.map((text, index) => [text, run.spans[index] ?? []]));
  return (text) => known.get(text) ?? [];
}

function tableOf(name: string, set: readonly LabelledText[], find: Finder, presidio: Finder | undefined): Table {
  const finders: [string, Finder][] = [
    ["ours", find],
    ["usual", findNaively],
  ];
  if (presidio !== undefined) finders.push(["Presidio", presidio]);
  const scores = finders.map(([, finder]) => score(set, finder));
  const plain = set.filter(({ spans }) => spans.length === 0).length;
  return {
    title: `F1 by exact place and type on ${name} (${set.length} lines, ${plain} without personal data)`,
    columns: ["type", "marked", ...finders.map(([finder]) => finder)],
    rows: [
      ...RECOGNISERS.map(({ type }) => [
        type,
        String(scores[0]!.types.get(type)!.wanted),
        ...scores.map(({ types }) => types.get(type)!.f1.toFixed(3)),
      ]),
      ["false hits", "", ...scores.map(({ falseHits }) => String(falseHits))],
    ],
  };
}

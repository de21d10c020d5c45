// Builds a snapshot in memory, with every file's text and every line's origin at hand.
import assert from "node:assert/strict";
import { sha256 } from "../../src/domain/sha256.ts";
import {
  buildSnapshot,
  type SnapshotOptions,
  type SnapshotOutcome,
  type SnapshotSettings,
} from "../../src/snapshot/build.ts";
import type { SnapshotLine } from "../../src/snapshot/line-file.ts";
import type { Scratch } from "../../src/snapshot/scratch.ts";
import { prepareRow, RECIPE, type TestRow } from "./row.ts";

export const SETTINGS: SnapshotSettings = {
  minQuality: 0.7,
  positiveOnly: true,
  missingQuality: "pass",
  corrections: true,
  window: null,
  actionTypes: null,
  turns: "pairs",
  nearDuplicate: null,
  rehearsalShare: 0,
  rehearsalFile: null,
  perUnitShare: 1,
  perActionShare: null,
  actionWeights: {},
  ownOutputShare: 1,
  validationShare: 0.2,
  maxFileBytes: 50_000_000,
};

export function options(
  settings: Partial<SnapshotSettings> = {},
  changes: Partial<SnapshotOptions> = {},
): SnapshotOptions {
  return {
    loop: "demo",
    settings: { ...SETTINGS, ...settings },
    recipe: RECIPE,
    asOf: new Date("2026-02-03T23:59:00Z"),
    numberOfDay: 1,
    watermark: 12,
    windowFrom: null,
    windowSince: null,
    codeVersion: "0.0.1",
    seed: "demo",
    gold: null,
    rehearsal: [],
    estimate: () => ({ "in-context": 0 }),
    ...changes,
  };
}

export interface InMemory {
  readonly outcome: SnapshotOutcome;
  /** The text of every file that was opened, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly lines: readonly SnapshotLine[];
}

/** Rows are handed over `chunk` at a time, in the order of their ids. */
export async function build(rows: readonly TestRow[], given: SnapshotOptions, chunk = 50): Promise<InMemory> {
  const files = new Map<string, string>();
  const lines: SnapshotLine[] = [];
  const ordered = rows.map((row) => prepareRow(row, given.recipe)).sort((a, b) => (a.id < b.id ? -1 : 1));
  async function* source() {
    for (let start = 0; start < ordered.length; start += chunk) yield ordered.slice(start, start + chunk);
  }
  const outcome = await buildSnapshot(source(), given, {
    scratch: memoryScratch(),
    async open(name) {
      assert.ok(!files.has(name), `${name} is opened once`);
      files.set(name, "");
      return {
        write: async (text) => void files.set(name, files.get(name)! + text),
        close: async () => ({ sha256: sha256(files.get(name)!), bytes: Buffer.byteLength(files.get(name)!) }),
      };
    },
    trace: async (some) => void lines.push(...some),
    onProgress: () => {},
  });
  return { outcome, files, lines };
}

export async function built(rows: readonly TestRow[], given: SnapshotOptions) {
  const { outcome, files, lines } = await build(rows, given);
  assert.ok(outcome.kind === "built", outcome.words);
  const textOf = (role: string) =>
    files.get(outcome.manifest.files.find((file) => file.role === role)?.name ?? "") ?? "";
  /** The lines of a role's file, parsed. */
  const read = (role: string) =>
    textOf(role)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  return { ...outcome, files, lines, textOf, read };
}

function memoryScratch(): Scratch {
  const texts: string[] = [];
  return {
    append: (text) => ({ start: texts.push(text) - 1, length: 1 }),
    flush: async () => {},
    read: async (places) => places.map(({ start }) => texts[start]!),
  };
}

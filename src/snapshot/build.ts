// Puts a snapshot together: select, prepare, drop copies, split, fit, write, and say what was done.
import { sha256 } from "../domain/sha256.ts";
import { deduplicate } from "./deduplicate.ts";
import { type DropRule, dropWords } from "./drop-words.ts";
import type { Example } from "./example.ts";
import { fit, type WrittenExample } from "./fit.ts";
import { approvedExampleLine, trainingLine } from "./format.ts";
import { inTurns } from "./in-turns.ts";
import { type Manifest, manifestOf, type SnapshotRole } from "./manifest.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { createRedactor, type RedactorOptions } from "./redact.ts";
import type { SnapshotRow } from "./row.ts";
import { type SelectionRules, selectRow } from "./select.ts";
import { split } from "./split.ts";

/** What of a loop's settings decides a snapshot's content; recorded in the manifest as given. */
export interface SnapshotSettings extends SelectionRules {
  readonly redact: RedactorOptions["types"];
  readonly allow?: readonly string[];
  /** From 0 to 1, of people. */
  readonly validationShare: number;
  readonly maxFileBytes: number;
}

export interface SnapshotOptions {
  readonly loop: string;
  readonly settings: SnapshotSettings;
  readonly asOf: Date;
  readonly watermark: number;
  readonly codeVersion: string;
  readonly seed: string;
}

export interface SnapshotFile {
  readonly name: string;
  readonly role: SnapshotRole;
  readonly content: Buffer;
  readonly sha256: string;
}

/** Where each example stands: the way back from a line to its interaction. Lines count from 1. */
export interface SnapshotLine {
  readonly line: number;
  readonly file: string;
  readonly interactionId: string;
  readonly unit: string | null;
}

export type SnapshotOutcome =
  | {
      readonly kind: "built";
      readonly files: readonly SnapshotFile[];
      readonly manifest: Manifest;
      readonly manifestSha256: string;
      readonly examples: readonly SnapshotLine[];
      /** "38 of 412 dropped: …" */
      readonly words: string;
    }
  | {
      readonly kind: "empty";
      readonly considered: number;
      readonly dropped: Partial<Record<DropRule, number>>;
      readonly words: string;
    };

/**
 * Builds a snapshot from interactions in any order: the same rows, settings, watermark and seed give the same bytes.
 * An empty result is an outcome with its reasons, not an error. Throws a Fault for a type of redaction that does not exist.
 */
export async function buildSnapshot(
  rows: Iterable<SnapshotRow> | AsyncIterable<SnapshotRow>,
  options: SnapshotOptions,
): Promise<SnapshotOutcome> {
  const { settings, asOf } = options;
  const redactor = createRedactor({ types: settings.redact, allow: settings.allow ?? [] });
  const dropped: Partial<Record<DropRule, number>> = {};
  const drop = (rule: DropRule, count = 1) => {
    if (count > 0) dropped[rule] = (dropped[rule] ?? 0) + count;
  };
  const before = new Map<string, number>();
  const prepared = new Map<string, Prepared>();
  let considered = 0;
  for await (const row of inTurns(rows)) {
    considered += 1;
    const action = row.actionType ?? "";
    before.set(action, (before.get(action) ?? 0) + 1);
    const selection = selectRow(row, settings);
    if (!selection.keep) drop(selection.rule);
    else if (prepared.has(row.id)) drop("duplicate");
    else {
      const ready = prepare(row, redactor);
      if (ready === null) drop("nested-too-deeply");
      else prepared.set(row.id, ready);
    }
  }

  const unique = await deduplicate([...prepared.values()].map((one) => one.example));
  drop("duplicate", unique.dropped);
  const sides = split(unique.kept, settings.validationShare, options.seed);
  const training = fit(await written(sides.training, trainingLine), settings.maxFileBytes);
  const validation = fit(await written(sides.validation, trainingLine), settings.maxFileBytes);
  drop("over-file-size", training.leftOut + validation.leftOut);

  const words = dropWords(considered, dropped, settings.minQuality);
  if (training.kept.length === 0) return { kind: "empty", considered, dropped, words };

  const date = asOf.toISOString().slice(0, 10);
  const files = [
    snapshotFile("training", date, training.kept),
    ...(validation.kept.length > 0 ? [snapshotFile("validation", date, validation.kept)] : []),
    snapshotFile(
      "examples",
      date,
      await written(
        training.kept.map(({ example }) => example),
        approvedExampleLine,
      ),
    ),
  ];
  const kept = [...training.kept, ...validation.kept].map(({ example }) => example);
  const sealed = manifestOf({
    loop: options.loop,
    created_for: asOf.toISOString(),
    settings: { ...settings },
    watermark: options.watermark,
    code_version: options.codeVersion,
    seed: options.seed,
    files: files.map(({ file, lines }) => ({
      name: file.name,
      role: file.role,
      sha256: file.sha256,
      bytes: file.content.length,
      examples: lines.length,
    })),
    considered,
    kept: kept.length,
    dropped,
    by_action_type: byActionType(before, kept),
    redactions: redactionsOf(kept, prepared),
  });
  return {
    kind: "built",
    files: files.map(({ file }) => file),
    manifest: sealed.manifest,
    manifestSha256: sealed.sha256,
    examples: files.flatMap(({ lines }) => lines),
    words,
  };
}

async function written(examples: readonly Example[], line: (example: Example) => string): Promise<WrittenExample[]> {
  const lines: WrittenExample[] = [];
  for await (const example of inTurns(examples)) lines.push({ example, line: line(example) });
  return lines;
}

function snapshotFile(
  role: SnapshotRole,
  date: string,
  kept: readonly WrittenExample[],
): { file: SnapshotFile; lines: SnapshotLine[] } {
  const name = `${role}-snapshot-${date}.jsonl`;
  const content = Buffer.concat(kept.map(({ line }) => Buffer.from(line)));
  return {
    file: { name, role, content, sha256: sha256(content) },
    lines: kept.map(({ example }, index) => ({
      line: index + 1,
      file: name,
      interactionId: example.interactionId,
      unit: example.unit,
    })),
  };
}

/** Interactions without an action type are counted under "". */
function byActionType(before: ReadonlyMap<string, number>, kept: readonly Example[]): Manifest["by_action_type"] {
  const after = Map.groupBy(kept, (example) => example.actionType ?? "");
  return Object.fromEntries(
    [...before].map(([action, count]) => [action, { before: count, after: after.get(action)?.length ?? 0 }]),
  );
}

function redactionsOf(kept: readonly Example[], prepared: ReadonlyMap<string, Prepared>): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const example of kept) {
    for (const [type, count] of Object.entries(prepared.get(example.interactionId)?.redactions ?? {})) {
      totals[type] = (totals[type] ?? 0) + count;
    }
  }
  return totals;
}

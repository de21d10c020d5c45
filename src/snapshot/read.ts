// Reads prepared rows into a ledger: those that may teach, each with its texts on the scratch file; the rest is counted.

import { type DropRule, numberOf } from "./drop-words.ts";
import { hash53, Ledger } from "./ledger.ts";
import { BANDS, bandsFromBytes } from "./near-duplicates/band-keys.ts";
import type { PreparedExample, Refusal } from "./prepare.ts";
import type { Scratch } from "./scratch.ts";
import { ruleAgainst, type SelectionRules } from "./select.ts";
import { toScratch } from "./texts.ts";

/** An interaction as it stood at a watermark, prepared by one recipe. */
export interface PreparedRow {
  /** The interaction's id, a UUID. */
  readonly id: string;
  readonly at: Date;
  /** Whom it belongs to, as a hash; null when unknown. */
  readonly unit: string | null;
  readonly conversation: string | null;
  readonly actionType: string | null;
  readonly quality: number | null;
  /** The live thumbs' sign. */
  readonly rating: 1 | -1 | null;
  /** The newest rating of those that won. */
  readonly feedbackId: string | null;
  /** The rating that the correction came with. */
  readonly correctedBy: string | null;
  /** Whether a model answered that the loop itself trained. */
  readonly isOwn: boolean;
  /** Whether it lies in the window that the settings ask for. */
  readonly isInWindow: boolean;
  readonly refused: Refusal | null;
  /** With the answer as it was given; null when refused. */
  readonly example: PreparedExample | null;
  /** With what a person would rather have read; null when nobody wrote that, or it is refused too. */
  readonly correction: PreparedExample | null;
}

export interface ReadingRules extends SelectionRules {
  readonly corrections: boolean;
  /** Whether rows outside the window may come in to rehearse. */
  readonly rehearses: boolean;
}

export interface Reading {
  readonly ledger: Ledger;
  readonly considered: number;
  /** What was dropped before it came into the ledger, which has the rest: also what people rated down, already dropped. */
  readonly dropped: Partial<Record<DropRule, number>>;
  /** How many were considered, by action type; "" is none. */
  readonly byAction: ReadonlyMap<string, number>;
  /** The numbers of conversations in which an answer was rated down. */
  readonly ratedDown: ReadonlySet<number>;
}

/** `rows` come in the order of their ids. `isGold` says whether what a line asks stands in the gold set. */
export async function readRows(
  rows: AsyncIterable<readonly PreparedRow[]>,
  rules: ReadingRules,
  { scratch, isGold }: { scratch: Scratch; isGold: (line: string) => boolean },
): Promise<Reading> {
  const ledger = new Ledger(BANDS);
  const dropped: Partial<Record<DropRule, number>> = {};
  const byAction = new Map<string, number>();
  const ratedDown = new Set<number>();
  let considered = 0;
  for await (const chunk of rows) {
    for (const row of chunk) {
      considered += 1;
      const action = row.actionType ?? "";
      byAction.set(action, (byAction.get(action) ?? 0) + 1);
      const taught = taughtBy(row, rules, isGold);
      const isUnwanted = row.rating === -1 && (typeof taught === "string" || !taught.isCorrected);
      if (isUnwanted && row.conversation !== null) ratedDown.add(hash53(row.conversation));
      if (typeof taught !== "string") enter(ledger, scratch, row, taught);
      else if (isRejected(row, taught))
        ledger.dropFor(enter(ledger, scratch, row, { example: row.example, isCorrected: false }), numberOf(taught));
      else dropped[taught] = (dropped[taught] ?? 0) + 1;
    }
    await scratch.flush();
  }
  return { ledger, considered, dropped, byAction, ratedDown };
}

interface Taught {
  readonly example: PreparedExample;
  readonly isCorrected: boolean;
}

/** What of a row may be taught, or the rule that speaks against it. */
function taughtBy(row: PreparedRow, rules: ReadingRules, isGold: (line: string) => boolean): Taught | DropRule {
  const corrected = rules.corrections ? row.correction : null;
  const example = corrected ?? row.example;
  if (example === null) return row.refused!;
  const isCorrected = corrected !== null;
  if (isGold(example.line)) return "in-gold-set"; // before what people said of it: what they rated down is kept, too
  const rule = ruleAgainst({ ...row, isCorrected }, rules);
  if (rule !== null) return rule;
  return row.isInWindow || rules.rehearses ? { example, isCorrected } : "outside-window";
}

/** An answer that people did not want teaches nothing by itself, but beside one that they wanted: it is in, and dropped. */
function isRejected(row: PreparedRow, rule: DropRule): row is PreparedRow & { example: PreparedExample } {
  return (
    row.rating === -1 && row.example !== null && row.isInWindow && (rule === "not-rated-up" || rule === "rated-down")
  );
}

function enter(ledger: Ledger, scratch: Scratch, row: PreparedRow, { example, isCorrected }: Taught): number {
  const { unit, actionType } = row;
  const feedbackId = isCorrected ? row.correctedBy : row.feedbackId;
  const { line, redactions } = example;
  const replaced = isCorrected && row.example !== null ? row.example.line : "";
  return ledger.add({
    id: row.id,
    at: row.at.getTime(),
    unit,
    conversation: row.conversation,
    action: actionType ?? "",
    quality: isCorrected ? 1 : row.quality,
    rating: isCorrected ? 1 : (row.rating ?? 0),
    isOwn: row.isOwn && !isCorrected,
    isCorrected,
    isOld: !row.isInWindow,
    tokens: example.tokens,
    bytes: Buffer.byteLength(line) + 1,
    fingerprint: example.fingerprint,
    asked: example.asked,
    bands: bandsFromBytes(Buffer.from(example.bands)),
    place: scratch.append(toScratch({ feedbackId, unit, actionType, redactions, line, replaced })),
  });
}

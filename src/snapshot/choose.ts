// From rows that may teach to the rows that do: copies, shares, sides and sizes, in this order. Each rule sees what the
// ones before it left, and drops rows under its own name.
import { setImmediate } from "node:timers/promises";
import { DROP_RULES, type DropCounts, type DropRule, numberOf } from "./drop-words.ts";
import type { Ledger } from "./ledger.ts";
import { beyondShare } from "./rules/beyond-share.ts";
import { exactCopies } from "./rules/exact-copies.ts";
import { nearOriginals } from "./rules/near-originals.ts";
import { overSize } from "./rules/over-size.ts";
import { rehearsed } from "./rules/rehearse.ts";
import { sidesOf, TRAINING, VALIDATION } from "./rules/sides.ts";
import { withinConversations } from "./rules/whole-conversations.ts";

/** What of a loop's settings decides which of the rows that may teach do. Shares are from 0 to 1. */
export interface ChoosingRules {
  readonly turns: "pairs" | "conversations";
  /** Jaccard similarity from which two are copies; null: only exact ones. */
  readonly nearDuplicate: number | null;
  readonly rehearsalShare: number;
  readonly perUnitShare: number;
  readonly perActionShare: number | null;
  readonly actionWeights: Readonly<Record<string, number>>;
  readonly ownOutputShare: number;
  readonly validationShare: number;
  readonly maxFileBytes: number;
  /** Of these, how many the rows may have in the training file. */
  readonly maxTrainingBytes: number;
}

export interface Choice {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  /** Answers that people did not want. */
  readonly rejected: Uint32Array;
  /** Of these, how many were left out since what people preferred, or a copy, stands on the other side. */
  readonly acrossSides: number;
  /** On which side a row of these stands. */
  isValidation(row: number): boolean;
  /** How many times a row stands in the training file. */
  weight(row: number): number;
}

/** A share of few is less than anybody has: so many of a person or an action may always be in. */
const LEAST_OF_A_GROUP = 20;

/**
 * Chooses among the ledger's rows, and leaves in it why each of the others was dropped. `gists` reads what rows are compared
 * by; `ratedDown` are the conversations in which an answer was.
 */
export async function choose(
  ledger: Ledger,
  rules: ChoosingRules,
  {
    seed,
    gists,
    ratedDown,
    signal,
  }: {
    seed: string;
    gists: (rows: readonly number[]) => Promise<string[]>;
    ratedDown: ReadonlySet<number>;
    signal?: AbortSignal | undefined;
  },
): Promise<Choice> {
  /** Between rules others have their turn: a worker that holds its thread sends no heartbeat. */
  const drop = async (rows: Iterable<number>, rule: DropRule) => {
    const reason = numberOf(rule);
    for (const row of rows) ledger.dropFor(row, reason);
    await setImmediate();
    signal?.throwIfAborted();
  };

  /** Fresh and old are bound apart: the old are only a store to rehearse from. */
  const bound = async (groupOf: (row: number) => number, share: number, rule: DropRule) => {
    for (const isOld of [false, true]) {
      const rows = ledger.byWorth().filter((row) => ledger.isOld(row) === isOld);
      await drop(beyondShare(rows, groupOf, most(share, rows, groupOf)), rule);
    }
  };

  if (rules.turns === "conversations") {
    const { earlier, spoilt } = withinConversations(ledger, ledger.kept(), ratedDown);
    await drop(spoilt, "rated-down");
    await drop(earlier, "same-conversation");
  }
  // What is fresh stays before what is old: most of the old goes.
  const freshFirst = () => {
    const order = ledger.byWorth();
    return Uint32Array.from([...order.filter((row) => !ledger.isOld(row)), ...order.filter(ledger.isOld)]);
  };
  await drop(exactCopies(ledger, freshFirst()), "duplicate");
  if (rules.nearDuplicate !== null)
    await drop(
      (await nearOriginals(ledger, freshFirst(), rules.nearDuplicate, gists, signal)).keys(),
      "near-duplicate",
    );

  const order = ledger.byWorth();
  const others = order.filter((row) => !ledger.isOwn(row)).length;
  const isOwn = (row: number) => Number(ledger.isOwn(row));
  if (rules.ownOutputShare < 1) {
    const mostOwn = Math.floor((rules.ownOutputShare / (1 - rules.ownOutputShare)) * others);
    await drop(beyondShare(order, isOwn, mostOwn), "own-output-share");
  }
  await bound(ledger.unit, rules.perUnitShare, "per-person-share");
  if (rules.perActionShare !== null)
    await bound((row) => ledger.action(row) + 1, rules.perActionShare, "per-action-share");

  const old = ledger.kept().filter(ledger.isOld);
  const chosen = rehearsed(ledger, old, ledger.kept().length - old.length, rules.rehearsalShare, seed);
  await drop(
    old.filter((row) => !chosen.has(row)),
    "outside-window",
  );

  const weights = new Map(Object.entries(rules.actionWeights)); // an action may be named as a property of every object is
  const weight = (row: number) => weights.get(ledger.actionNames[ledger.action(row)]!) ?? 1;
  const rejected = rejectedRows(ledger, rules.perUnitShare);
  const sides = sidesOf(ledger, ledger.kept(), rejected, rules.validationShare, seed);
  const byWorth = ledger.byWorth();
  const on = (side: number) => byWorth.filter((row) => sides[row] === side);
  await drop(
    overSize(on(TRAINING), (row) => ledger.bytes(row) * weight(row), rules.maxTrainingBytes),
    "over-file-size",
  );
  await drop(overSize(on(VALIDATION), ledger.bytes, rules.maxFileBytes), "over-file-size");

  const kept = ledger.kept();
  const training = kept.filter((row) => sides[row] === TRAINING);
  const validation = kept.filter((row) => sides[row] === VALIDATION);
  const across = await copiesAcross(ledger, sides, { kept, rejected }, rules.nearDuplicate, gists, signal);
  return {
    training,
    validation,
    rejected: rejected.filter((row) => !across.has(row)),
    acrossSides: across.size,
    isValidation: (row) => sides[row] === VALIDATION,
    weight,
  };
}

/** Rejected answers that would bring what is kept to the other side: to the same question, or copies that are near. */
async function copiesAcross(
  ledger: Ledger,
  sides: Uint8Array,
  { kept, rejected }: { kept: Uint32Array; rejected: Uint32Array },
  threshold: number | null,
  gists: (rows: readonly number[]) => Promise<string[]>,
  signal: AbortSignal | undefined,
): Promise<Set<number>> {
  if (rejected.length === 0 || !kept.some((row) => sides[row] === VALIDATION)) return new Set();
  const sidesOfQuestion = new Map<number, number>();
  for (const row of kept)
    sidesOfQuestion.set(ledger.asked(row), (sidesOfQuestion.get(ledger.asked(row)) ?? 0) | sides[row]!);
  const isAcross = (row: number) => ((sidesOfQuestion.get(ledger.asked(row)) ?? 0) & ~sides[row]!) !== 0;
  const across = new Set(rejected.filter(isAcross));
  if (threshold === null) return across;
  const order = new Uint32Array(kept.length + rejected.length);
  order.set(kept);
  order.set(rejected, kept.length);
  const originals = await nearOriginals(ledger, order, threshold, gists, signal);
  for (const row of rejected) {
    const original = originals.get(row);
    if (original !== undefined && sides[original] !== sides[row]) across.add(row);
  }
  return across;
}

/** Answers that people rated down, each once, and of nobody more than of what was kept. */
function rejectedRows(ledger: Ledger, perUnitShare: number): Uint32Array {
  const order = ledger.rejected().reverse(); // the newest first
  const copies = new Set(exactCopies(ledger, order));
  const single = order.filter((row) => !copies.has(row));
  const beyond = new Set(beyondShare(single, ledger.unit, most(perUnitShare, single, ledger.unit)));
  return single.filter((row) => !beyond.has(row)).reverse();
}

/**
 * The most that a group may have so that it has no more than the share of what is left of all: lowered until that holds. Fewer
 * groups than could share so have the same each.
 */
function most(share: number, rows: Uint32Array, groupOf: (row: number) => number): number {
  const sizes = new Map<number, number>();
  let free = 0;
  for (const row of rows) {
    const group = groupOf(row);
    if (group === 0) free += 1;
    else sizes.set(group, (sizes.get(group) ?? 0) + 1);
  }
  const possible = free > 0 ? share : Math.max(share, 1 / Math.max(1, sizes.size));
  let cap = rows.length;
  for (let next = cap; ; cap = next) {
    let left = free;
    for (const size of sizes.values()) left += Math.min(size, cap);
    next = Math.max(LEAST_OF_A_GROUP, Math.floor(possible * left));
    if (next >= cap) return cap;
  }
}

/** How many rows of a ledger each rule dropped. */
export function dropsOf(ledger: Ledger): DropCounts {
  const counts: Partial<Record<DropRule, number>> = {};
  for (let row = 0; row < ledger.length; row++) {
    const reason = ledger.drop(row);
    if (reason === 0) continue;
    const rule = DROP_RULES[reason - 1]!;
    counts[rule] = (counts[rule] ?? 0) + 1;
  }
  return counts;
}

// Says in words what the rules dropped: "412 of 412 dropped: 398 below quality 0.7, 14 duplicates".
import type { ExampleRule } from "./formats/check-line.ts";
import { REMEDIES } from "./formats/remedies.ts";
import type { Refusal } from "./prepare.ts";
import type { SelectionRule } from "./select.ts";

/** Every rule that can drop a row, counted in the manifest under this name. */
export type DropRule = Refusal | SelectionRule | ChoosingRule;

/** What drops a row for the company that it is in. */
export type ChoosingRule =
  | "outside-window"
  | "same-conversation"
  | "duplicate"
  | "near-duplicate"
  | "own-output-share"
  | "per-person-share"
  | "per-action-share"
  | "over-file-size";

type Phrases<Rule extends string> = Readonly<Record<Rule, (count: number) => string>>;

/** What no trainer would take, in the words of the checks. */
const REFUSED_LINES = Object.fromEntries(
  Object.entries(REMEDIES).map(([rule, words]) => [rule, (count: number) => `${count} that ${words.split(":")[0]}`]),
) as Phrases<ExampleRule>;

export type DropCounts = Readonly<Partial<Record<DropRule, number>>>;

const PHRASES: Record<DropRule, (count: number, minQuality: number) => string> = {
  ...REFUSED_LINES,
  "no-store": (count) => `${count} not to be stored`,
  error: (count) => `${count} with an error`,
  "empty-prompt": (count) => `${count} without a question`,
  "empty-answer": (count) => `${count} without an answer`,
  "too-long": (count) => `${count} too long`,
  "nested-too-deeply": (count) => `${count} nested too deeply`,
  "other-action": (count) => `${count} of other actions`,
  "not-rated-up": (count) => `${count} not rated up`,
  "rated-down": (count) => `${count} rated down`,
  "no-quality": (count) => `${count} without a quality`,
  "below-quality": (count, minQuality) => `${count} below quality ${minQuality}`,
  "in-gold-set": (count) => `${count} in the gold set`,
  "outside-window": (count) => `${count} outside the window`,
  "same-conversation": (count) => `${count} within a longer conversation`,
  duplicate: (count) => `${count} ${count === 1 ? "duplicate" : "duplicates"}`,
  "near-duplicate": (count) => `${count} near-${count === 1 ? "duplicate" : "duplicates"}`,
  "own-output-share": (count) => `${count} beyond the share of own outputs`,
  "per-person-share": (count) => `${count} beyond one person's share`,
  "per-action-share": (count) => `${count} beyond one action's share`,
  "over-file-size": (count) => `${count} left out for size`,
};

/** In the order in which they are numbered in a ledger, from 1. */
export const DROP_RULES = Object.keys(PHRASES) as DropRule[];

/** A rule's number in a ledger. */
export function numberOf(rule: DropRule): number {
  return DROP_RULES.indexOf(rule) + 1;
}

/** "14 duplicates". */
export function dropPhrase(rule: DropRule, count: number, minQuality: number): string {
  return PHRASES[rule](count, minQuality);
}

/** The most frequent rule first. */
export function dropWords(considered: number, dropped: DropCounts, minQuality: number): string {
  if (considered === 0) return "0 interactions to choose from";
  const entries = (Object.entries(dropped) as [DropRule, number][]).filter(([, count]) => count > 0);
  entries.sort(([ruleA, a], [ruleB, b]) => b - a || (ruleA < ruleB ? -1 : 1));
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  const causes = entries.map(([rule, count]) => PHRASES[rule](count, minQuality)).join(", ");
  return `${total} of ${considered} dropped${causes === "" ? "" : `: ${causes}`}`;
}

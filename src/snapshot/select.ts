// Decides which interactions may teach, and names the rule that stopped each of the others.
import { lastUserText } from "../domain/message.ts";
import { answerMessage, isBlank, isEmptyAnswer } from "./answer.ts";
import type { SnapshotRow } from "./row.ts";

export interface SelectionRules {
  /** Lowest quality that may teach, from 0 to 1. */
  readonly minQuality: number;
  /** Only what someone rated up. Otherwise what nobody rated may teach too, but never what was rated down. */
  readonly positiveOnly: boolean;
  /** What an interaction without a quality is worth: it passes, it is dropped, or it counts as this number. */
  readonly missingQuality: "pass" | "drop" | number;
}

export type SelectionRule =
  | "no-store"
  | "error"
  | "empty-prompt"
  | "empty-answer"
  | "not-rated-up"
  | "rated-down"
  | "no-quality"
  | "below-quality";

export type Selection = { readonly keep: true } | { readonly keep: false; readonly rule: SelectionRule };

/**
 * The first rule that speaks against a row, consent before all others. An answer rated down with a correction is dropped
 * as any other that is not rated up: what the person would rather have read enters as preference data, not here.
 */
export function selectRow(row: SnapshotRow, rules: SelectionRules): Selection {
  const rule = ruleAgainst(row, rules);
  return rule === null ? { keep: true } : { keep: false, rule };
}

function ruleAgainst(row: SnapshotRow, rules: SelectionRules): SelectionRule | null {
  if (!row.store) return "no-store";
  if (row.error !== null) return "error";
  if (isBlank(lastUserText(row.messages))) return "empty-prompt";
  if (isEmptyAnswer(answerMessage(row.response))) return "empty-answer";
  if (rules.positiveOnly && row.rating !== 1) return "not-rated-up";
  if (row.rating === -1) return "rated-down";
  return ruleAgainstQuality(row.quality, rules);
}

function ruleAgainstQuality(quality: number | null, rules: SelectionRules): SelectionRule | null {
  if (quality === null && rules.missingQuality === "pass") return null;
  if (quality === null && rules.missingQuality === "drop") return "no-quality";
  const worth = quality ?? Number(rules.missingQuality);
  return worth < rules.minQuality ? "below-quality" : null;
}

// Decides which prepared rows may teach by what is known of each alone, and names the rule that stopped each of the others.

export interface SelectionRules {
  /** Lowest quality that may teach, from 0 to 1. */
  readonly minQuality: number;
  /** Only what someone rated up, or corrected. Otherwise what nobody rated may teach too, but never what was rated down. */
  readonly positiveOnly: boolean;
  /** What an interaction without a quality is worth: it passes, it is dropped, or it counts as this number. */
  readonly missingQuality: "pass" | "drop" | number;
  /** Only these action types; null: any. */
  readonly actionTypes: readonly string[] | null;
}

export interface SelectionFacts {
  readonly actionType: string | null;
  /** From 0 to 1; null when nobody judged it. */
  readonly quality: number | null;
  /** The live thumbs' sign. */
  readonly rating: 1 | -1 | null;
  /** What is taught is what a person wrote in place of the answer. */
  readonly isCorrected: boolean;
}

export type SelectionRule =
  | "other-action"
  | "not-rated-up"
  | "rated-down"
  | "no-quality"
  | "below-quality"
  | "in-gold-set";

/** The first rule that speaks against a row, or null. What the answer was worth says nothing about what replaces it. */
export function ruleAgainst(facts: SelectionFacts, rules: SelectionRules): SelectionRule | null {
  if (rules.actionTypes !== null && !rules.actionTypes.includes(facts.actionType ?? "")) return "other-action";
  if (facts.isCorrected) return null;
  if (rules.positiveOnly && facts.rating !== 1) return "not-rated-up";
  if (facts.rating === -1) return "rated-down";
  return ruleAgainstQuality(facts.quality, rules);
}

function ruleAgainstQuality(quality: number | null, rules: SelectionRules): SelectionRule | null {
  if (quality === null && rules.missingQuality === "pass") return null;
  if (quality === null && rules.missingQuality === "drop") return "no-quality";
  const worth = quality ?? Number(rules.missingQuality);
  return worth < rules.minQuality ? "below-quality" : null;
}

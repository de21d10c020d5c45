// Says in words what the rules dropped: "412 of 412 dropped: 398 below quality 0.7, 14 duplicates".
import type { SelectionRule } from "./select.ts";

/** Every rule that can drop a row, counted in the manifest under this name. */
export type DropRule = SelectionRule | "nested-too-deeply" | "duplicate" | "over-file-size";

export type DropCounts = Readonly<Partial<Record<DropRule, number>>>;

const PHRASES: Record<DropRule, (count: number, minQuality: number) => string> = {
  "no-store": (count) => `${count} not to be stored`,
  error: (count) => `${count} with an error`,
  "empty-prompt": (count) => `${count} without a question`,
  "empty-answer": (count) => `${count} without an answer`,
  "not-rated-up": (count) => `${count} not rated up`,
  "rated-down": (count) => `${count} rated down`,
  "no-quality": (count) => `${count} without a quality`,
  "below-quality": (count, minQuality) => `${count} below quality ${minQuality}`,
  "nested-too-deeply": (count) => `${count} nested too deeply`,
  duplicate: (count) => `${count} ${count === 1 ? "duplicate" : "duplicates"}`,
  "over-file-size": (count) => `${count} left out for size`,
};

/** The most frequent rule first. */
export function dropWords(considered: number, dropped: DropCounts, minQuality: number): string {
  if (considered === 0) return "0 interactions to choose from";
  const entries = (Object.entries(dropped) as [DropRule, number][]).filter(([, count]) => count > 0);
  entries.sort(([ruleA, a], [ruleB, b]) => b - a || (ruleA < ruleB ? -1 : 1));
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  const causes = entries.map(([rule, count]) => PHRASES[rule](count, minQuality)).join(", ");
  return `${total} of ${considered} dropped${causes === "" ? "" : `: ${causes}`}`;
}

// The end of the story: approval by action as bars, before and after side by side, and a table.
import { figure, percent } from "../cli/terminal/figures.ts";
import { bar } from "./bars.ts";
import { points } from "./figures.ts";
import type { Approval } from "./ledger.ts";
import type { DemoResult } from "./result.ts";

const BAR = 20;
const NONE: Approval = { ratings: 0, share: null };

/** One line for each action that was answered, the number of its ratings behind each bar. */
export function approvalBars(before: ReadonlyMap<string, Approval>, after: ReadonlyMap<string, Approval>): string[] {
  const actions = [...new Set([...before.keys(), ...after.keys()])].sort();
  const width = Math.max(6, ...actions.map((action) => action.length));
  const cell = ({ ratings, share }: Approval) =>
    share === null
      ? `${" ".repeat(BAR)}     –        `
      : `${bar(share, BAR)} ${`${Math.round(100 * share)} %`.padStart(5)} ${`(${figure(ratings)})`.padEnd(8)}`;
  return [
    `  ${"action".padEnd(width)}  ${"before (ratings)".padEnd(BAR + 14)}  after (ratings)`,
    ...actions.map((action) =>
      `  ${action.padEnd(width)}  ${cell(before.get(action) ?? NONE)}  ${cell(after.get(action) ?? NONE)}`.trimEnd(),
    ),
  ];
}

/** Before, after and difference of what was measured. */
export function resultTable(result: DemoResult, ratings: { before: number; after: number }): string[] {
  const rows: [string, string, string, string][] = [
    ["", "before", "after", "difference"],
    ["champion", result.champion_before ?? "–", result.champion_after ?? "–", ""],
    ["approval", ...compared(result.approval_before, result.approval_after)],
    ["  of ratings", figure(ratings.before), figure(ratings.after), ""],
    ["held-out accuracy", ...compared(result.held_out_accuracy.before, result.held_out_accuracy.after)],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([label, before, after, difference]) =>
    `  ${label.padEnd(widths[0]!)}  ${before.padStart(widths[1]!)}  ${after.padStart(widths[2]!)}  ${difference.padStart(10)}`.trimEnd(),
  );
}

function compared(before: number | null, after: number | null): [string, string, string] {
  const shown = (share: number | null) => (share === null ? "–" : percent(share));
  return [shown(before), shown(after), before === null || after === null ? "" : points(after - before)];
}

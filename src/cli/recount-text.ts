// What a recount found, in words: which tallies were not what was said and rated, and by how much.
import { z } from "zod";
import { figure, counted as inNumber } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";

const sums = z.object({ users: z.number(), sumY: z.number(), sumK: z.number() });
const wrongTally = z.object({
  phase: z.string(),
  metric: z.string(),
  variant: z.string(),
  stratum: z.number(),
  kept: sums,
  counted: sums,
});

export const recountShape = z.object({
  status: z.string(),
  tallies: z.number(),
  wrong: z.array(wrongTally),
  wrong_units: z.number(),
});
type Recount = z.output<typeof recountShape>;

/** A broken tally is mostly one of many: a screenful tells enough. */
const MOST_LINES = 20;

/** What was replaced, and what stays. */
export function describeRecount(found: Recount): string[] {
  const { tallies, status } = found;
  if (isRight(found))
    return [`Nothing changed: ${inNumber(tallies, "tally is as it was", "tallies are as they were")}.`];
  const stays =
    status === "closed"
      ? "The experiment is over: its looks and its outcome stay as they were."
      : "Looks that were taken stay as they were; the next one reads the new tallies.";
  return [...wrongLines(found, "were", (right, kept) => `${right} instead of ${kept}`), stays];
}

/** What a recount would replace. */
export function describeComparison(found: Recount): string[] {
  const { tallies } = found;
  if (isRight(found))
    return [`Nothing is wrong: ${inNumber(tallies, "tally is", "tallies are")} what was said and rated.`];
  return [
    ...wrongLines(found, "are", (right, kept) => `${kept} are kept where there are ${right}`),
    "Nothing was changed: ratchet experiment recount --reason … puts it right.",
  ];
}

const isRight = ({ wrong, wrong_units }: Recount) => wrong.length === 0 && wrong_units === 0;

function wrongLines(
  { tallies, wrong, wrong_units: units }: Recount,
  verb: "were" | "are",
  compare: (right: string, kept: string) => string,
): string[] {
  const more = wrong.length - MOST_LINES;
  return [
    `${figure(wrong.length)} of ${inNumber(tallies, "tally", "tallies")} ${verb} wrong${wrong.length === 0 ? "." : ":"}`,
    ...wrong.slice(0, MOST_LINES).map((tally) => `  ${place(tally)}: ${difference(tally, compare)}`),
    ...(more > 0 ? [`  … and ${figure(more)} more: --json names all`] : []),
    ...(units > 0 ? [`The own totals of ${inNumber(units, "user")}, which the tallies add up, ${verb} wrong.`] : []),
  ];
}

function place({ phase, metric, variant, stratum }: Recount["wrong"][number]): string {
  const where = [foreignText(metric), foreignText(variant), `stratum ${stratum}`];
  return [...where, ...(phase === "experiment" ? [] : [`in ${foreignText(phase)}`])].join(", ");
}

/** The plainest number in which the two differ. */
function difference(
  { metric, kept, counted }: Recount["wrong"][number],
  compare: (right: string, kept: string) => string,
): string {
  if (counted.users !== kept.users) return compare(inNumber(counted.users, "user"), figure(kept.users));
  const values = /^(approval|feedback)/.test(metric) ? "rating" : "interaction";
  if (counted.sumK !== kept.sumK) return compare(inNumber(counted.sumK, values), figure(kept.sumK));
  if (counted.sumY !== kept.sumY) return compare(`a sum of ${figure(counted.sumY)}`, figure(kept.sumY));
  return "the same users and sums, and other squares";
}

// An experiment's phases in words: which of them is open, and what comes next.
import { z } from "zod";
import { instant, percent } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";

/** A fixed share is one phase. */
export const phasesShape = z.array(z.object({ share: z.number(), from: z.string(), open: z.boolean() }));
type Phases = z.output<typeof phasesShape>;

/** What the last look made of the next phase. */
export const stepShape = z.object({ kind: z.enum(["open", "wait"]), words: z.string() });

/** " (phase 2 of 3)", and nothing for a fixed share. */
export function phaseOf(phases: Phases): string {
  return phases.length < 2 ? "" : ` (phase ${phases.filter(({ open }) => open).length} of ${phases.length})`;
}

/** What the next phase is, and why it waits; null when all are open. */
export function nextPhase(phases: Phases, lastStep: z.output<typeof stepShape> | null): string | null {
  const next = phases.find(({ open }) => !open);
  if (next === undefined) return null;
  if (lastStep?.kind === "wait") return foreignText(lastStep.words);
  return `${percent(next.share)} of users from ${instant(next.from)} on, at the first look at which nothing speaks for harm`;
}

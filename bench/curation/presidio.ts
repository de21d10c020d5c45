// Presidio's recognisers by pattern in Python, in an environment of their own: those that need no model of a language.

import { join } from "node:path";
import { runInPython } from "../peers/python-environment.ts";

export interface PresidioRun {
  /** What it found in each of the lines, under our names of types. */
  spans: { start: number; end: number; type: string }[][];
  /** For going once through all rows, the median of the rounds. */
  nanoseconds: number;
}

/** Finds in `lines`, and takes the time of finding in `rows`. */
export function runPresidio(
  lines: readonly string[],
  rows: readonly string[],
  rounds: number,
): PresidioRun | { skipped: string } {
  const script = join(import.meta.dirname, "presidio_find.py");
  return runInPython("presidio-analyzer==2.2.360", script, { lines, rows, rounds });
}

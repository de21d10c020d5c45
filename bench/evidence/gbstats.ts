// GrowthBook's statistics in Python, in an environment of their own.

import { join } from "node:path";
import type { Stratum } from "../../src/evidence/estimate.ts";
import { runInPython } from "../peers/python-environment.ts";

/** `difference` and its lower bound are shares. */
export type GbstatsLook = { nanoseconds: number; difference: number; lower: number } | { skipped: string };

/** A look by gbstats' sequential two-sided t-test on a stratum's tallies, timed inside Python. */
export function gbstatsLook(stratum: Stratum, calls: number, rounds: number): GbstatsLook {
  const script = join(import.meta.dirname, "gbstats_look.py");
  return runInPython("gbstats==0.8.0", script, { ...stratum, calls, rounds });
}

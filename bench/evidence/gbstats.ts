// GrowthBook's statistics in Python, in an environment of their own that is made once, where Python and a registry are there.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../src/embedded/cache-folder.ts";
import type { Stratum } from "../../src/evidence/estimate.ts";

const VERSION = "0.8.0";

/** Put into the folder last, so that one whose making was cut short is made anew. */
const COMPLETE = "complete";

/** `difference` and its lower bound are shares. */
export type GbstatsLook = { nanoseconds: number; difference: number; lower: number } | { skipped: string };

/** A look by gbstats' sequential two-sided t-test on a stratum's tallies, timed inside Python. */
export function gbstatsLook(stratum: Stratum, calls: number, rounds: number): GbstatsLook {
  const folder = join(cacheFolder(process.env), `gbstats-${VERSION}`);
  const python = join(folder, "bin", "python");
  const fault = existsSync(join(folder, COMPLETE)) ? null : make(folder, python);
  if (fault !== null) return { skipped: fault };
  const given = JSON.stringify({ ...stratum, calls, rounds });
  const script = join(import.meta.dirname, "gbstats_look.py");
  const { status, stdout, stderr } = spawnSync(python, [script], { input: given, encoding: "utf8" });
  return status === 0 ? JSON.parse(stdout) : { skipped: `gbstats failed: ${lastLine(stderr)}` };
}

/** Makes the environment; says why not. */
function make(folder: string, python: string): string | null {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", folder]],
    [python, ["-m", "pip", "install", "--quiet", `gbstats==${VERSION}`]],
  ];
  for (const [program, args] of steps) {
    const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
    if (error !== undefined || status !== 0)
      return `gbstats ${VERSION} could not be installed: ${error?.message ?? lastLine(stderr)}`;
  }
  writeFileSync(join(folder, COMPLETE), "");
  return null;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

// A Python environment of its own for a peer, made once, where Python and a registry are there.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../src/embedded/cache-folder.ts";

/** Put into the folder last, so that one whose making was cut short is made anew. */
const COMPLETE = "complete";

/** Runs a script with JSON as its input and its output; says why not where it cannot. `pin` is a package with its exact version. */
export function runInPython<Answer>(pin: string, script: string, given: unknown): Answer | { skipped: string } {
  const folder = join(cacheFolder(process.env), pin.replace("==", "-"));
  const python = join(folder, "bin", "python");
  const fault = existsSync(join(folder, COMPLETE)) ? null : make(folder, python, pin);
  if (fault !== null) return { skipped: fault };
  const input = JSON.stringify(given);
  const { status, stdout, stderr } = spawnSync(python, [script], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  return status === 0 ? JSON.parse(stdout) : { skipped: `${pin} failed: ${lastLine(stderr)}` };
}

/** Makes the environment; says why not. */
function make(folder: string, python: string, pin: string): string | null {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", folder]],
    [python, ["-m", "pip", "install", "--quiet", pin]],
  ];
  for (const [program, args] of steps) {
    const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
    if (error !== undefined || status !== 0)
      return `${pin} could not be installed: ${error?.message ?? lastLine(stderr)}`;
  }
  writeFileSync(join(folder, COMPLETE), "");
  return null;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

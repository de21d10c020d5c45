// Runs a program that checks the whole repository: one that ends with code 0 counts as one test that passed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import type { Outcome } from "./report.ts";

/** Its output is told only when it failed. */
export async function runCheck(
  root: string,
  name: string,
  command: readonly [string, ...string[]],
  stopped: AbortSignal,
): Promise<Outcome> {
  const began = Date.now();
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => child.kill("SIGTERM");
  stopped.addEventListener("abort", stop);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await once(child, "close").then(
    ([status]) => status as number | null,
    (error: Error) => {
      said.push(Buffer.from(error.message));
      return null;
    },
  );
  stopped.removeEventListener("abort", stop);
  const details = Buffer.concat(said).toString().trimEnd();
  const failed = code === 0 ? 0 : 1;
  return {
    name,
    passed: 1 - failed,
    failed,
    skipped: 0,
    seconds: (Date.now() - began) / 1000,
    failures:
      failed === 0
        ? []
        : [{ name, place: [basename(program), ...args].join(" "), details: details || `it ended with code ${code}` }],
    output: "",
  };
}

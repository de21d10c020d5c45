// Runs one test file in a process of its own, and tells what came of it.
import { join } from "node:path";
import { run } from "node:test";
import type { Failure, Outcome } from "./report.ts";

const TEST_MS = 5 * 60_000;
/** A file that hangs after its last test would otherwise hold up the run for ever. */
const FILE_MS = 20 * 60_000;
const OUTPUT_LINES = 60;

/**
 * @param root the repository
 * @param stopped ends the file's process
 */
export async function runFile(root: string, path: string, stopped: AbortSignal): Promise<Outcome> {
  const file = join(root, path);
  const began = Date.now();
  const limit = AbortSignal.timeout(FILE_MS);
  const count = { passed: 0, failed: 0, skipped: 0 };
  const failures: Failure[] = [];
  const output: string[] = [];
  const names: string[] = [];
  const why = (error: Error) => {
    if (limit.aborted) return `took longer than ${FILE_MS / 60_000} minutes and was ended`;
    return stopped.aborted ? "was ended" : stackOf(error);
  };
  const fail = (name: string, details: string) => {
    count.failed += 1;
    failures.push({ name, place: path, details });
  };
  const stream = run({ files: [file], concurrency: 1, timeout: TEST_MS, signal: AbortSignal.any([stopped, limit]) });
  for await (const { type, data } of stream) {
    if (type === "test:stdout" || type === "test:stderr") output.push(data.message);
    if (type === "test:start") names[data.nesting] = data.name;
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details.type === "suite") continue;
    const isFile = data.nesting === 0 && data.name === file;
    const name = isFile ? "the file as a whole" : [...names.slice(0, data.nesting), data.name].join(" › ");
    if (type === "test:fail") {
      const { error } = data.details;
      if ((error as { failureType?: string }).failureType === "subtestsFailed") continue;
      fail(name, why(error));
    } else if (isFile) fail(name, "it holds no test");
    else if (data.skip !== undefined) count.skipped += 1;
    else count.passed += 1;
  }
  if (count.passed + count.failed + count.skipped === 0) fail("the file as a whole", "it holds no test");
  return {
    name: path,
    ...count,
    seconds: (Date.now() - began) / 1000,
    failures,
    output: failures.length === 0 ? "" : output.join("").trimEnd().split("\n").slice(-OUTPUT_LINES).join("\n"),
  };
}

// What the test threw, rather than the runner's wrapping of it, and what caused that.
function stackOf(error: Error): string {
  const thrown = error.cause ?? error;
  if (!(thrown instanceof Error)) return typeof thrown === "string" ? thrown : JSON.stringify(thrown);
  const { stack, message, cause } = thrown;
  const text = stack?.includes(message) ? stack : `${message}\n${stack ?? ""}`;
  return cause instanceof Error ? `${text}\ncaused by: ${cause.message}` : text;
}

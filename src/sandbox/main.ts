// The sandbox as a process of its own.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Fault } from "../domain/fault.ts";
import { nearest } from "../domain/nearest.ts";
import { announceReady } from "../embedded/parent-link.ts";
import { ApiError } from "./api-error.ts";
import { chooseBase } from "./choose-base.ts";
import { generateCorpus, type Utterance } from "./corpus.ts";
import { type FaultInput, parseFaults } from "./fault-document.ts";
import { readCorpus } from "./read-corpus.ts";
import { type SandboxOptions, startSandbox } from "./start-sandbox.ts";

const USAGE = `usage: sandbox [--port 4401] [--data DIR] [--corpus FILE] [--actions a,b,c] [--per-action 2] [--seed 1] [--job-ms 2000] [--faults FILE]
  A small server that speaks OpenAI's protocol, for trying out and for tests. Without --corpus it makes its own; without --data it keeps nothing.
`;

function readOptions(): SandboxOptions | null {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4401" },
      data: { type: "string" },
      corpus: { type: "string" },
      actions: { type: "string" },
      "per-action": { type: "string", default: "2" },
      seed: { type: "string", default: "1" },
      "job-ms": { type: "string", default: "2000" },
      faults: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const seed = integer("--seed", values.seed, 0, 2 ** 31);
  const whole = values.corpus === undefined ? generateCorpus({ seed }) : readCorpus(values.corpus);
  const corpus =
    values.actions === undefined
      ? whole
      : only(
          whole,
          values.actions.split(",").map((name) => name.trim()),
        );
  return {
    port: integer("--port", values.port, 0, 65_535),
    base: chooseBase(corpus, { perAction: integer("--per-action", values["per-action"], 1, 10_000), seed }).base,
    jobMilliseconds: integer("--job-ms", values["job-ms"], 0, 86_400_000),
    ...(values.data === undefined ? {} : { dataDir: values.data }),
    ...(values.faults === undefined ? {} : { faults: readFaults(values.faults) }),
    log: (event, facts) => process.stderr.write(`${JSON.stringify({ event, ...facts })}\n`),
  };
}

function integer(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Fault("invalid", `${flag} ${text}: a whole number from ${least} to ${most} is wanted`);
}

function only(corpus: readonly Utterance[], wanted: readonly string[]): Utterance[] {
  const known = [...new Set(corpus.map(({ label }) => label))];
  for (const name of wanted) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new Fault(
      "invalid",
      `--actions: the corpus has no "${name}"${near === null ? "" : `: did you mean "${near}"?`} It has ${known.sort().join(", ")}`,
    );
  }
  return corpus.filter(({ label }) => wanted.includes(label));
}

function readFaults(path: string): FaultInput[] {
  try {
    return parseFaults(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new Fault("invalid", `--faults ${path}: ${(cause as Error).message}`, { cause });
  }
}

function complain(error: unknown): void {
  const { message, stack, code } = error as Error & { code?: string };
  // What carries a code (a flag, a folder, a port) is the caller's to put right; a stack is for our own mistakes.
  const ours = !(error instanceof ApiError) && code === undefined;
  const hint = error instanceof Fault && error.hint !== undefined ? `\n  ${error.hint}` : "";
  process.stderr.write(`sandbox: ${ours ? stack : message}${hint}\n`);
}

try {
  const options = readOptions();
  if (options === null) process.stdout.write(USAGE);
  else {
    const sandbox = await startSandbox(options);
    const stop = () => void sandbox.close().then(() => process.exit(0));
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    if (process.send !== undefined) process.once("disconnect", stop);
    if (process.connected === false) stop(); // the parent went away while this was starting
    announceReady({ url: sandbox.url, port: sandbox.port });
    process.stdout.write(
      `${JSON.stringify({ ready: true, url: sandbox.url, note: "a sandbox, for trying out and for tests" })}\n`,
    );
  }
} catch (error) {
  complain(error);
  process.exitCode = 1;
}

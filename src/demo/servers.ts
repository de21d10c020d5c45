// The demo's own servers in a folder that is thrown away: a sandbox that knows two utterances of each action, and Ratchet on it.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { describeExit, type RunningChild, startChild } from "../embedded/child.ts";
import type { Utterance } from "../sandbox/corpus.ts";
import { startSandboxProcess } from "./sandbox-process.ts";

const ready = z.object({ api: z.url(), dashboard: z.url().nullish(), temporal_ui: z.url().nullish(), key: z.string() });

export interface Servers {
  readonly api: string;
  readonly dashboard: string | null;
  readonly temporalUi: string | null;
  /** An operator's key. */
  readonly key: string;
  /** Rejects when one of them ends by itself; never resolves. */
  readonly broken: Promise<never>;
  /** What they said last, oldest first. */
  lastLines(): readonly string[];
  /** Ends all of them and removes the folder. */
  stop(): Promise<void>;
}

export interface ServersOptions {
  /** What the base model has seen. */
  readonly base: readonly Utterance[];
  /** Hears what the servers say in plain words while they start. */
  readonly onProgress: (line: string) => void;
  /** Ends them, also while they start. */
  readonly signal: AbortSignal;
}

/** Settings of real servers: the demo must never touch what they name. */
const NOT_OURS = /^(DATABASE_URL|PG[A-Z]+|TEMPORAL_.*|OPENAI_.*|RATCHET_(?!TEMPORAL_BINARY$).*)$/;
const KEPT_LINES = 200;
/** A first start may have to build Temporal's dev server. */
const READY_WITHIN = 40 * 60_000;

/** Starts them. Throws a Fault with what the servers said when one does not come up; then nothing is left. */
export async function startServers({ base, onProgress, signal }: ServersOptions): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), "ratchet-demo-"));
  chmodSync(folder, 0o711); // PostgreSQL may run as another user, who has to pass
  const children: RunningChild[] = [];
  const lines: string[] = [];
  let starting = true;
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      for (const child of [...children].reverse()) await child.stop();
      rmSync(folder, { recursive: true, force: true });
    })());
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  try {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_OURS.test(name)));
    const corpus = join(folder, "base.jsonl");
    writeFileSync(corpus, base.map((utterance) => `${JSON.stringify(utterance)}\n`).join(""));
    const sandbox = await startSandboxProcess({ corpus, data: join(folder, "sandbox"), env, onLine: keep });
    children.push(sandbox.child);
    signal.throwIfAborted();
    const announced = Promise.withResolvers<z.output<typeof ready>>();
    const ratchet = await startChild({
      name: "npm start",
      command: process.execPath,
      args: [
        fileURLToPath(new URL("../start.ts", import.meta.url)),
        "--json",
        "--data",
        join(folder, "data"),
        "--port",
        "0",
      ],
      env: { ...env, RATCHET_SANDBOX_URL: sandbox.baseURL },
      channel: true,
      ending: [{ signal: "SIGTERM", waitMs: 60_000 }],
      onLine(line) {
        const facts = readReady(line);
        if (facts !== null) return announced.resolve(facts); // it holds the key: not a line to keep
        keep(line);
        if (starting && !line.startsWith("{")) onProgress(line);
      },
    });
    children.push(ratchet);
    const ended = children.map(async (child) => {
      const exit = await child.exited;
      if (starting) throw new Fault("unavailable", `${child.name} did not come up; what it said stands above`);
      throw new Fault("unavailable", describeExit(child.name, exit));
    });
    const facts = await Promise.race([announced.promise, ...ended, aborted(signal), late()]);
    starting = false;
    const broken = Promise.race(ended);
    broken.catch(() => undefined); // when all are ended on purpose, nobody waits for it
    return {
      api: facts.api,
      dashboard: facts.dashboard ?? null,
      temporalUi: facts.temporal_ui ?? null,
      key: facts.key,
      broken,
      lastLines: () => lines,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readReady(line: string): z.output<typeof ready> | null {
  if (!line.startsWith("{")) return null;
  try {
    return ready.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () =>
      reject(new Fault("unavailable", `the servers were not ready within ${READY_WITHIN / 60_000} minutes`));
    setTimeout(fail, READY_WITHIN).unref();
  });
}

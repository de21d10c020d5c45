// Starts one child process and knows how it ends: cleanly when told, and never left behind when this process exits.
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../domain/fault.ts";
import type { EndingStep } from "./process-identity.ts";

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote, oldest first. */
  readonly lastLines: readonly string[];
}

/** A child that runs. */
export interface RunningChild {
  readonly name: string;
  readonly pid: number;
  /** Settles when it has ended, by itself or not; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Ends it and waits for that; more calls wait for the same end. */
  stop(): Promise<void>;
  /** Lets this process end while the child runs; the child is then told to end, too. */
  unref(): void;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Open a channel for messages, as for a Node child. */
  readonly channel?: boolean;
  /** Hears the process id at once, to write it down before anything can go wrong. */
  readonly onSpawned?: ((pid: number) => void) | undefined;
  /** How to end it; SIGKILL follows when nothing helped. */
  readonly ending?: readonly EndingStep[];
  readonly onLine: (line: string) => void;
}

const KEPT_LINES = 100;
const living = new Map<ChildProcess, NodeJS.Signals>();
let watching = false;

/**
 * Starts a child in a session of its own, so that Ctrl-C reaches only this process, which then ends its children in order.
 * @throws Fault `unavailable` when the program cannot be started
 */
export async function startChild(options: ChildOptions): Promise<RunningChild & { readonly process: ChildProcess }> {
  const { name, command } = options;
  const ending = options.ending ?? [{ signal: "SIGTERM", waitMs: 10_000 }];
  const child = spawn(command, options.args, {
    env: options.env,
    detached: true,
    stdio: options.channel === true ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.user === undefined ? {} : { uid: options.user.uid, gid: options.user.gid }),
  });
  const lastLines: string[] = [];
  const drained = [child.stdout, child.stderr].map((stream) =>
    eachLine(stream, (line) => {
      lastLines.push(line);
      if (lastLines.length > KEPT_LINES) lastLines.shift();
      options.onLine(line);
    }),
  );
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("exit", (code, signal) => {
      living.delete(child);
      // Grandchildren may hold the pipes open, so the last lines are waited for only shortly.
      const settle = () => resolve({ code, signal, lastLines });
      Promise.race([Promise.all(drained), sleep(300, undefined, { ref: false })]).then(settle, settle);
    });
  });
  await started(child, name, command);
  options.onSpawned?.(child.pid!);
  endAtExit(child, ending[0]?.signal ?? "SIGTERM");
  let stopping: Promise<void> | undefined;
  return {
    name,
    pid: child.pid!,
    exited,
    process: child,
    stop: () => (stopping ??= end(child, exited, ending)),
    unref: () => unref(child),
  };
}

/** What to tell of an end that nobody asked for. */
export function describeExit(name: string, exit: ChildExit): string {
  const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`;
  // The cause stands before the stack that follows it, and may be far from the end.
  const cause = exit.lastLines.findIndex((line) => /\b(panic|fatal|cannot)\b|error\b/i.test(line));
  const said = exit.lastLines
    .slice(cause < 0 ? -5 : cause)
    .slice(0, 5)
    .join("\n  ");
  return `${name} ended ${how}${said === "" ? "" : `; it said:\n  ${said}`}`;
}

function started(child: ChildProcess, name: string, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => {
      child.on("error", () => undefined); // a signal or message that comes too late is no fault
      resolve();
    });
    child.once("error", (cause) => {
      reject(
        new Fault("unavailable", `${name} cannot be started: ${cause.message}`, {
          hint: `check that ${command} is there and may be run`,
          cause,
        }),
      );
    });
  });
}

async function end(child: ChildProcess, exited: Promise<ChildExit>, ending: readonly EndingStep[]): Promise<void> {
  for (const { signal, waitMs } of ending) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    child.kill(signal);
    const timer = new AbortController();
    const timeout = sleep(waitMs, "late" as const, { signal: timer.signal }).catch(() => "late" as const);
    const first = await Promise.race([exited.then(() => "gone" as const), timeout]);
    timer.abort();
    if (first === "gone") return;
  }
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await exited;
}

function unref(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
}

// The last resort for a crash of this process; after a kill -9 the next start cleans up.
function endAtExit(child: ChildProcess, signal: NodeJS.Signals): void {
  living.set(child, signal);
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const [left, first] of living) left.kill(first);
  });
}

function eachLine(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (stream === null) return Promise.resolve();
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on("line", onLine);
  return new Promise((resolve) => lines.once("close", resolve));
}

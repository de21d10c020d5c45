// Starts one of our own programs as a child: ready when it says so, and it ends when this process is gone.
import { fileURLToPath } from "node:url";
import { Fault } from "../domain/fault.ts";
import { describeExit, type RunningChild, startChild } from "./child.ts";

export interface NodeChild extends RunningChild {
  /** What the child told with `announceReady`. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface NodeChildOptions {
  readonly name: string;
  /** File URL or path of the program, which calls `endWithParent` and `announceReady`. */
  readonly script: URL | string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** How long it may take to finish its work after SIGTERM; 40 seconds by default, as a worker itself takes 30. */
  readonly graceMs?: number;
  /** How long it may take to be ready; 60 seconds by default. */
  readonly readyWithinMs?: number;
  readonly onSpawned?: ((pid: number) => void) | undefined;
  readonly onLine: (line: string) => void;
}

/**
 * Starts a Node program and waits until it is ready.
 * @throws Fault `unavailable`, with the child's last lines, when it ends first or takes too long
 */
export async function startNodeChild(options: NodeChildOptions): Promise<NodeChild> {
  const { name, script, readyWithinMs = 60_000, graceMs = 40_000 } = options;
  const child = await startChild({
    name,
    command: process.execPath,
    args: [typeof script === "string" ? script : fileURLToPath(script), ...(options.args ?? [])],
    env: options.env,
    channel: true,
    ending: [{ signal: "SIGTERM", waitMs: graceMs }],
    onSpawned: options.onSpawned,
    onLine: options.onLine,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    child.process.on("message", (message: { kind?: unknown; facts?: Record<string, unknown> } | null) => {
      if (message?.kind === "ready") resolve(message.facts ?? {});
    });
  });
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), readyWithinMs);
  });
  const ended = child.exited.then((exit) => describeExit(name, exit));
  const first = await Promise.race([ready, ended, late]);
  clearTimeout(timer);
  if (typeof first !== "string") return { ...child, facts: first };
  await child.stop();
  const why = first === "late" ? `${name} was not ready within ${readyWithinMs / 1000} seconds` : first;
  throw new Fault("unavailable", why, { hint: `look at what ${name} said before` });
}

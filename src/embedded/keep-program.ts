// Keeps one of our own programs running: sandbox, worker or server.
import { createChildLog } from "./child-log.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import type { Household } from "./household.ts";
import { type NodeChild, startNodeChild } from "./node-child.ts";

export interface Program {
  /** As in pids and in the log's file name. */
  readonly name: string;
  readonly script: URL;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** How long it may finish its work when it is told to end. */
  readonly graceMs: number;
  /** Waits for what the program needs before it is started again. */
  readonly beforeRestart?: (log: EmbeddedLog) => Promise<void>;
}

const READY_WITHIN_MS = 120_000; // a worker bundles its workflows first, on a machine that may be busy

/** @returns a function that gives the program as it is now */
export async function keepProgram(
  { supervisor, progress, data }: Household,
  { name, script, args = [], env, graceMs, beforeRestart }: Program,
): Promise<() => NodeChild> {
  const { log, line } = createChildLog(data.logs, name, progress.tell);
  return progress.during(
    name,
    () =>
      supervisor.keep(name, async (previous: NodeChild | undefined, onSpawned) => {
        if (previous !== undefined) await beforeRestart?.(log);
        return startNodeChild({
          name,
          script,
          args,
          env,
          graceMs,
          readyWithinMs: READY_WITHIN_MS,
          onSpawned,
          onLine: line,
        });
      }),
    (current) => `${name} ready, as process ${current().pid}`,
  );
}

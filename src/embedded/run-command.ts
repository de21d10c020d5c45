// Runs a helper program to its end, for installing and for preparing, with a sign of life while it takes long.
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describeExit, startChild } from "./child.ts";

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Ends the program after so long; ten minutes by default. */
  readonly timeoutMs?: number;
  /** Hears every 15 seconds how many seconds have passed. */
  readonly onProgress?: (seconds: number) => void;
}

/**
 * Runs a program and returns what it wrote.
 * @throws Fault `unavailable` when it cannot be started, Error with its last lines when it fails or takes too long
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const lines: string[] = [];
  const child = await startChild({
    name: command,
    command,
    args,
    env: options.env,
    onLine: (line) => lines.push(line),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.user === undefined ? {} : { user: options.user }),
  });
  const began = Date.now();
  const timeoutMs = options.timeoutMs ?? 600_000;
  let timedOut = false;
  const progress = setInterval(() => options.onProgress?.(Math.round((Date.now() - began) / 1000)), 15_000);
  const timeout = setTimeout(() => {
    timedOut = true;
    void child.stop();
  }, timeoutMs);
  const exit = await child.exited;
  clearInterval(progress);
  clearTimeout(timeout);
  if (timedOut) throw new Error(`${command} took longer than ${Math.round(timeoutMs / 1000)} seconds`);
  if (exit.code !== 0) throw new Error(describeExit(command, exit));
  return lines.join("\n");
}

/** Full path of a program in a list of folders as in PATH; null when it is in none of them. */
export function findProgram(name: string, searchPath: string | undefined): string | null {
  for (const folder of (searchPath ?? "").split(delimiter)) {
    if (folder === "") continue;
    const path = join(folder, name);
    if (isExecutable(path)) return path;
  }
  return null;
}

/** Whether there is a file at `path` that this process may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

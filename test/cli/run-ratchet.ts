// Runs the command as people do: a process of its own, in a folder where nothing lies about.
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `ratchet …` to its end. Of the environment it gets what is handed in, and nothing of ours. */
export function runRatchet(
  args: readonly string[],
  { env = {}, input = "", folder = tmpdir() }: { env?: Record<string, string>; input?: string; folder?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", NO_COLOR: "1", ...env },
    });
    const ran: Ran = { code: null, out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      ran.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      ran.err += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...ran, code }));
    child.stdin.on("error", () => {}); // a command that reads nothing may be gone before we have written
    child.stdin.end(input);
  });
}

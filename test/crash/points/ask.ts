// The process's end of the line to whoever watches it: at each point it asks, and does nothing until it is answered.
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Go, Visit } from "../point.ts";

let socket: Socket | undefined;
let asked = 0;
const waiting = new Map<number, (go: Go) => void>();

/** Connects to the watcher. When the watcher goes, this process goes, too: nobody else could let it on. */
export async function connectWatcher(port: number): Promise<void> {
  const line = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    line.once("connect", resolve);
    line.once("error", reject);
  });
  const answers = createInterface({ input: line });
  for (const end of [line, answers]) end.on("error", () => {}); // told by "close"
  line.on("close", () => process.kill(process.pid, "SIGKILL"));
  line.setNoDelay(true);
  line.unref(); // it keeps nobody alive; what waits at a point is kept alive by its own connections
  line.write(`${JSON.stringify({ pid: process.pid })}\n`);
  answers.on("line", (text) => {
    const { id, ...go } = JSON.parse(text) as Go & { id: number };
    waiting.get(id)?.(go);
    waiting.delete(id);
  });
  socket = line;
}

/** Halts until the watcher says how to go on. */
export function ask(visit: Visit): Promise<Go> {
  const id = ++asked;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    socket!.write(`${JSON.stringify({ id, visit })}\n`);
  });
}

// Whom the watched processes ask at each point: hears what they come to, and lets them go on.
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Go, Visit } from "./point.ts";

export interface Watcher {
  /** What makes a program that is started with it ask here. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers each visit; a process halts for as long as the answer takes. */
  answer(how: (visit: Visit, pid: number) => Promise<Go>): void;
  close(): Promise<void>;
}

/** @param bundle where the workflows' bundle is kept for the workers that follow */
export async function openWatcher(bundle: string): Promise<Watcher> {
  const sockets = new Set<Socket>();
  let how: (visit: Visit, pid: number) => Promise<Go> = async () => ({ go: "on" });
  const server = createServer({ noDelay: true }, (socket) => {
    let pid = 0;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const lines = createInterface({ input: socket });
    for (const end of [socket, lines]) end.on("error", () => {}); // it was killed
    lines.on("line", (text) => {
      const said = JSON.parse(text) as { pid: number } | { id: number; visit: Visit };
      if ("pid" in said) {
        pid = said.pid;
        return;
      }
      // Who cannot be answered goes on: a fault of ours must not halt anybody for ever.
      const onward = (error: Error): Go => {
        process.stderr.write(`a visit was not understood: ${error.stack}\n`);
        return { go: "on" };
      };
      void how(said.visit, pid)
        .catch(onward)
        .then((go) => socket.write(`${JSON.stringify({ id: said.id, ...go })}\n`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const preload = new URL("./crash-points.ts", import.meta.url);
  return {
    env: {
      NODE_OPTIONS: `--import=${preload.href}`,
      CRASH_WATCHER: String((server.address() as AddressInfo).port),
      CRASH_BUNDLE: bundle,
    },
    answer(given) {
      how = given;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

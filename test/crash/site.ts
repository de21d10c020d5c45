// Where lives are lived: a stack with a watched worker and a watched server, which is made anew when something went wrong.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import { openStack, type Program, type Stack } from "./stack.ts";
import { openWatcher, type Watcher } from "./watcher.ts";

export interface Site {
  readonly stack: Stack;
  readonly watcher: Watcher;
  /** Outlives Temporal's own deaths. */
  readonly temporal: Client;
  /** The worker that works now. */
  worker: Program;
  server: Program;
  /** Where the API is, also while its server is being started again. */
  api(): string;
  startWorker(): Promise<Program>;
  /** At the same address. */
  startServer(): Promise<Program>;
  /** Switches a fault on in the sandbox while `work` is done. */
  withFault<T>(fault: FaultInput, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** @param bundle where the workflows' bundle is kept; a place of its own when left out */
export async function openSite(bundle?: string): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "ratchet-site-"));
  const stack = await openStack({ jobMs: 2_000 });
  try {
    const watcher = await openWatcher(bundle ?? join(folder, "bundle.json"));
    const startWorker = () => stack.startWorker({ env: watcher.env, lines: true });
    const server = await stack.startServer({ env: watcher.env });
    const api = server.url;
    const connection = Connection.lazy({ address: stack.temporalAddress });
    const faults = `${stack.sandboxUrl}/_sandbox/faults`;
    return {
      stack,
      watcher,
      temporal: new Client({ connection }),
      worker: await startWorker(),
      server,
      api: () => api,
      startWorker,
      startServer: () => stack.startServer({ env: watcher.env, port: Number(new URL(api).port) }),
      async withFault(fault, work) {
        await fetch(faults, { method: "POST", body: JSON.stringify([fault]) });
        try {
          return await work();
        } finally {
          await fetch(faults, { method: "DELETE" });
        }
      },
      async close() {
        await connection.close();
        await stack.close();
        await watcher.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

// Starts a sandbox: puts the parts together, opens the port, and closes both again.
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Fault } from "../domain/fault.ts";
import type { Utterance } from "./corpus.ts";
import { type FaultInput, parseFaults } from "./fault-document.ts";
import { FaultPlan } from "./fault-plan.ts";
import { FileLibrary } from "./file-library.ts";
import { guard } from "./guard.ts";
import type { Job } from "./job-life.ts";
import { JobRunner } from "./job-runner.ts";
import { ModelLibrary } from "./model-library.ts";
import { sandboxApp } from "./sandbox-app.ts";
import { Shelf } from "./shelf.ts";
import { Tally } from "./tally.ts";

export interface SandboxOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** 127.0.0.1 when left out: the sandbox asks nobody for a key. */
  readonly host?: string;
  /** What the base model has seen; see `chooseBase`. */
  readonly base: readonly Utterance[];
  /** Faults that are on from the start. */
  readonly faults?: readonly FaultInput[];
  /** Where files, jobs and models are kept, so that a restart goes on with them; in memory when left out. */
  readonly dataDir?: string;
  /** How long an ordinary job takes from creation to success; 2,000 when left out. */
  readonly jobMilliseconds?: number;
  readonly clock?: () => number;
  readonly log?: (event: string, facts: Record<string, unknown>) => void;
}

export interface Sandbox {
  /** "http://127.0.0.1:4401": OpenAI's protocol is below /v1, its switches below /_sandbox. */
  readonly url: string;
  /** What an OpenAI client takes as its `baseURL`. */
  readonly baseURL: string;
  readonly port: number;
  /** Stops answering, cuts what is open, and lets jobs rest; with a data folder, the next start goes on with them. */
  close(): Promise<void>;
}

const USUAL_JOB_MS = 2_000;

/** Starts the server. Throws a Fault that names the port when it is taken, or a record on disk that cannot be read. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const {
    port,
    host = "127.0.0.1",
    dataDir,
    clock = Date.now,
    log = () => {},
    jobMilliseconds = USUAL_JOB_MS,
  } = options;
  const folder = (name: string) => (dataDir === undefined ? null : join(dataDir, name));
  const faults = new FaultPlan();
  faults.add(parseFaults([...(options.faults ?? [])]));
  const tally = new Tally();
  const files = new FileLibrary(folder("files"));
  const jobs = new Shelf<Job>(folder("jobs"));
  const models = new ModelLibrary(folder("models"), options.base, clock());

  // The port before the jobs: a second sandbox on the same folder must not run them too.
  let handle: (request: Request, env: unknown) => Response | Promise<Response> = () =>
    new Response(null, { status: 503 });
  const server = createAdaptorServer({ fetch: (request, env) => handle(request, env), overrideGlobalObjects: false });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port)));
    server.listen(port, host, resolve);
  });
  const runner = new JobRunner({ jobs, files, models, tally, clock, log });
  const app = sandboxApp(
    { models, files, jobs, runner, faults, tally, clock, jobMilliseconds, guarded: guard(faults, tally) },
    log,
  );
  handle = (request, env) => app.fetch(request, env as never);

  const taken = (server.address() as AddressInfo).port;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
  const close = async () => {
    runner.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  };
  log("sandbox_listening", { url, note: "a sandbox, for trying out and for tests: not a language model" });
  return { url, baseURL: `${url}/v1`, port: taken, close };
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): Fault {
  if (cause.code === "EADDRINUSE")
    return new Fault("conflict", `port ${port} on ${host} is taken: the sandbox cannot listen there`, {
      hint: "end what listens there, or choose another port with --port (0 takes a free one)",
      details: { port },
      cause,
    });
  return new Fault("unavailable", `the sandbox cannot listen on ${host}, port ${port}: ${cause.message}`, { cause });
}

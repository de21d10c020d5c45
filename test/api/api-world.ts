// An API without a port, on a real database and the real sandbox; only Temporal is stood in for, by a list of what it was told.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { ApiDeps } from "../../src/api/api-deps.ts";
import { createApi } from "../../src/api/app.ts";
import { makeKey } from "../../src/api/key-text.ts";
import { type Artifacts, openArtifacts } from "../../src/artifacts/artifacts.ts";
import type { Workflows } from "../../src/client.ts";
import { Fault } from "../../src/domain/fault.ts";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { unitHasher } from "../../src/domain/unit-hash.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { chooseBase } from "../../src/sandbox/choose-base.ts";
import { generateCorpus } from "../../src/sandbox/corpus.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/start-sandbox.ts";
import type { NextPulse } from "../../src/schedule.ts";
import { createRoutingCache } from "../../src/serving/routing-cache.ts";
import { createServedModels } from "../../src/serving/served-models.ts";
import { addKey, type Scope } from "../../src/store/keys.ts";
import { applySettings } from "../../src/store/loops.ts";
import { createServerMetrics } from "../../src/telemetry/server-metrics.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are what the assertions are about
  json: any;
}

export interface Ask {
  key?: string | null;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
  headers?: Record<string, string>;
  /** Aborted: the caller hangs up. */
  signal?: AbortSignal;
}

export interface ApiWorld {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  readonly artifacts: Artifacts;
  /** Where the artifacts are. */
  readonly folder: string;
  /** What Temporal says of every loop's next pulse. */
  schedule: NextPulse;
  /** What the workflows were told, as "tellExperiment <id>". */
  readonly told: string[];
  /** Lines of the log. */
  readonly logged: Record<string, unknown>[];
  readonly hash: (loop: string, unit: string) => string;
  /** The API's clock; tests move it. */
  now: number;
  /** False: Temporal does not answer. */
  temporal: boolean;
  /** With `key` left out, an administrator's of every loop. */
  ask(method: string, path: string, ask?: Ask): Promise<Answered>;
  key(scopes: Scope[], loop?: string | null): Promise<string>;
  loop(settings: Record<string, unknown> & { name: string }): Promise<void>;
  openapi(): { paths: Record<string, Record<string, { "x-ratchet-scopes"?: Scope[] }>> };
  close(): Promise<void>;
}

export async function openApiWorld({
  metricsFor = "everybody",
}: Pick<Partial<ApiDeps>, "metricsFor"> = {}): Promise<ApiWorld> {
  const database = await createTestDatabase();
  const { db } = database;
  const folder = mkdtempSync(join(tmpdir(), "ratchet-api-"));
  const artifacts = openArtifacts(join(folder, "artifacts"));
  const { base } = chooseBase(generateCorpus({ seed: 7, perAction: 20 }), {});
  const sandbox = await startSandbox({ port: 0, base, jobMilliseconds: 20 });
  const providers = createProviders({
    "openai-wire": { baseURL: null, apiKey: null },
    sandbox: { baseURL: sandbox.baseURL },
  });
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const hash = unitHasher("a secret for tests only");
  const told: string[] = [];
  const clock = () => world.now;
  const metrics = createServerMetrics({ version: "test" });
  const api = createApi({
    db,
    serving: {
      db,
      providers,
      routing: createRoutingCache(db, Date.now),
      models: createServedModels({ db, artifacts }),
      hash,
      clock,
      log,
      meter: metrics,
    },
    workflows: recording(told, () => world),
    artifacts,
    hash,
    clock,
    log,
    metrics,
    metricsFor,
    stopping: new AbortController().signal,
    temporalUi: "http://127.0.0.1:8233",
  });
  const addKeyOf = async (scopes: Scope[], loop: string | null = null) => {
    const { id, text, secretHash } = makeKey();
    const at = new Date(world.now);
    await db.acrossLoops((tx) =>
      addKey(tx, { id, loop, name: scopes.join(","), scopes, secretHash, createdBy: "test", expiresAt: null, at }),
    );
    return text;
  };
  let admin: string | null = null;
  const world: ApiWorld = {
    database,
    sandbox,
    artifacts,
    folder: join(folder, "artifacts"),
    told,
    logged,
    hash,
    now: Date.now(),
    temporal: true,
    schedule: { at: new Date("2030-01-01T00:00:00Z"), paused: null },
    key: addKeyOf,
    async ask(method, path, { key, body, raw, headers = {}, signal } = {}) {
      admin ??= await addKeyOf(["admin"]);
      const sent = key === undefined ? admin : key;
      const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await api.request(path, {
        method,
        headers: {
          ...(sent === null ? {} : { authorization: `Bearer ${sent}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(content === undefined ? {} : { body: content }),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await response.text();
      const isJson = /^application\/(problem\+)?json(;|$)/.test(response.headers.get("content-type") ?? "");
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
    },
    async loop(given) {
      const settings = parseLoopSettings({ model: { provider: "sandbox", name: "sandbox-base" }, ...given });
      const asked = { actor: "test", reason: "a test" };
      await db.withLoop(settings.name, (tx) => applySettings(tx, settings, asked, new Date(world.now)));
    },
    openapi: () =>
      api.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "t", version: "0" } }) as unknown as ReturnType<
        ApiWorld["openapi"]
      >,
    async close() {
      await sandbox.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

function recording(told: string[], world: () => Pick<ApiWorld, "temporal" | "schedule">): Workflows {
  const hear = async (line: string) => {
    if (!world().temporal) throw new Fault("unavailable", "Temporal does not answer");
    told.push(line);
  };
  return {
    startCycle: ({ loop, cycleId }) => hear(`startCycle ${loop} ${cycleId}`),
    startExperiment: ({ loop, experimentId }) => hear(`startExperiment ${loop} ${experimentId}`),
    tellExperiment: (id) => hear(`tellExperiment ${id}`),
    cancelCycle: (id) => hear(`cancelCycle ${id}`),
    rebuildSnapshot: async ({ loop, snapshotId }) => {
      await hear(`rebuildSnapshot ${loop} ${snapshotId}`);
      return { same: true, different: [], words: "0 of 1 dropped" };
    },
    see: async () => {
      await hear("see");
      return { state: "missing", run: null, reset: false };
    },
    ensurePulse: ({ name, every, pausedAt }) =>
      hear(`ensurePulse ${name} ${every}${pausedAt === null ? "" : ", paused"}`),
    pulseNow: (loop) => hear(`pulseNow ${loop}`),
    nextPulse: async () => {
      await hear("nextPulse");
      return world().schedule;
    },
    close: async () => {},
  };
}

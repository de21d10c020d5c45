// A whole Ratchet for workflow tests: real PostgreSQL, real Temporal, the sandbox over HTTP, a worker, and people.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import {
  type ActivityInterceptorsFactory,
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from "@temporalio/worker";
import { pino } from "pino";
import { createActivities, createHeavyActivities } from "../../src/activities/index.ts";
import { createPreparer } from "../../src/activities/preparing/preparer.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { type Workflows, workflowsOf } from "../../src/client.ts";
import { feedbackFrom, ratingInput } from "../../src/domain/feedback.ts";
import type { Interaction } from "../../src/domain/interaction.ts";
import { type LoopSettings, parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { HEAVY_TASK_QUEUE, TASK_QUEUE } from "../../src/domain/task-queues.ts";
import { unitHasher } from "../../src/domain/unit-hash.ts";
import { assign, unitOf } from "../../src/evidence/assignment.ts";
import { createProviders, type Providers } from "../../src/providers/providers.ts";
import { chooseBase } from "../../src/sandbox/choose-base.ts";
import { generateCorpus, type Utterance } from "../../src/sandbox/corpus.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/start-sandbox.ts";
import { createServedModels } from "../../src/serving/served-models.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { applySettings } from "../../src/store/loops.ts";
import { readRouting } from "../../src/store/routing.ts";
import { UNMEASURED } from "../../src/telemetry/meter.ts";
import { createTrainers } from "../../src/trainers/registry.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

Runtime.install({ logger: new DefaultLogger((process.env.RATCHET_TEST_LOG ?? "ERROR") as "ERROR") });

export interface World {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  readonly providers: Providers;
  readonly workflows: Workflows;
  readonly environment: TestWorkflowEnvironment;
  readonly corpus: Utterance[];
  /** Where snapshots' files are kept: for a worker in a process of its own. */
  readonly artifacts: string;
  /** Makes or changes a loop; settings not given are the defaults, on the sandbox. */
  applyLoop(settings: Record<string, unknown> & { name: string }): Promise<LoopSettings>;
  /** People talk and rate: `count` interactions whose answers are right with probability `approval`; all are rated. */
  talk(loop: string, people: { count: number; approval: number; seed?: number }): Promise<void>;
  /** People meet the variants of the open experiment or probation, by assignment, and rate what they got. */
  tryOut(
    loop: string,
    people: {
      users: number;
      approval: { champion: number; challenger?: number; standby?: number };
      each?: number;
      seed?: number;
    },
  ): Promise<void>;
  close(): Promise<void>;
}

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows, bundled once per test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../../src/workflows/index.ts", import.meta.url)),
    logger: new DefaultLogger("ERROR"),
  });
  return bundle;
}

/**
 * Opens a world in a Temporal environment, with a worker in this process or with none; `interceptors` see every activity.
 * The environment stays the caller's.
 */
export async function openWorld(
  environment: TestWorkflowEnvironment,
  { worker: works = true, interceptors = [] }: { worker?: boolean; interceptors?: ActivityInterceptorsFactory[] } = {},
): Promise<World> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "ratchet-world-"));
  const corpus = generateCorpus({ seed: 7 });
  const sandbox = await startSandbox({ port: 0, base: chooseBase(corpus, {}).base, jobMilliseconds: 20 });
  const providers = createProviders({
    "openai-wire": { baseURL: null, apiKey: null },
    sandbox: { baseURL: sandbox.baseURL },
  });
  const artifactsFolder = join(folder, "artifacts");
  const artifacts = openArtifacts(artifactsFolder);
  const workflows = workflowsOf(environment.client);
  const { db } = database;
  const preparer = createPreparer(1);
  const deps = {
    db,
    artifacts,
    providers,
    trainers: createTrainers(providers),
    models: createServedModels({ db, artifacts }),
    workflows,
    preparer,
    log: pino({ level: "silent" }),
    meter: UNMEASURED,
    codeVersion: "test",
  };
  const shared = {
    connection: environment.nativeConnection,
    namespace: environment.namespace ?? "default",
    interceptors: { activity: interceptors },
  };
  const workers = works
    ? [
        await Worker.create({
          ...shared,
          taskQueue: TASK_QUEUE,
          workflowBundle: await workflowBundle(),
          activities: createActivities(deps),
        }),
        await Worker.create({ ...shared, taskQueue: HEAVY_TASK_QUEUE, activities: createHeavyActivities(deps) }),
      ]
    : [];
  const running = workers.map((worker) => worker.run());
  const hash = unitHasher("a secret for tests only");

  async function record(
    loop: string,
    entries: { interaction: Interaction; rating: 1 | -1; user: string }[],
  ): Promise<void> {
    for (let start = 0; start < entries.length; start += 500) {
      const chunk = entries.slice(start, start + 500);
      await db.withLoop(loop, async (tx) => {
        const ids = await recordInteractions(
          tx,
          loop,
          chunk.map((entry) => entry.interaction),
        );
        const feedback = chunk.map((entry, index) =>
          feedbackFrom(
            ratingInput.parse({ interaction_id: ids[index], user_id: entry.user, value: entry.rating }),
            (unit) => hash(loop, unit),
          ),
        );
        await recordFeedback(tx, loop, feedback, new Date());
      });
    }
  }

  return {
    database,
    sandbox,
    providers,
    workflows,
    environment,
    corpus,
    artifacts: artifactsFolder,
    async applyLoop(given) {
      const settings = parseLoopSettings({
        model: { provider: "sandbox", name: "sandbox-base" },
        actionFrom: "/action",
        ...given,
      });
      await db.withLoop(settings.name, (tx) =>
        applySettings(tx, settings, { actor: "test", reason: "a test" }, new Date()),
      );
      return settings;
    },
    async talk(loop, { count, approval, seed = 1 }) {
      const random = seeded(seed);
      const entries = Array.from({ length: count }, (_, index) => {
        const said = corpus[Math.floor(random() * corpus.length)]!;
        const right = random() < approval;
        const action = right ? said.label : corpus[Math.floor(random() * corpus.length)]!.label;
        const user = `talker-${index % Math.max(1, Math.floor(count / 4))}`;
        return {
          user,
          rating: (action === said.label ? 1 : -1) as 1 | -1,
          interaction: interactionOf(said.text, action, { unit: hash(loop, `user:${user}`) }),
        };
      });
      await record(loop, entries);
    },
    async tryOut(loop, { users, approval, each = 4, seed = 2 }) {
      const routing = await db.withLoop(loop, (tx) => readRouting(tx, loop, new Date()));
      const random = seeded(seed);
      const forever = {
        ...routing,
        expires_at: "9999-01-01T00:00:00Z",
        experiment: routing.experiment && { ...routing.experiment, serve_until: "9999-01-01T00:00:00Z" },
      };
      const entries = Array.from({ length: users * each }, (_, index) => {
        const user = `user-${seed}-${index % users}`;
        const assigned = assign(forever, unitOf({ user }), Date.now());
        const said = corpus[Math.floor(random() * corpus.length)]!;
        const right = random() < (approval[assigned.variant] ?? approval.champion);
        const interaction = interactionOf(said.text, right ? said.label : "nothing", {
          unit: hash(loop, `user:${user}`),
        });
        interaction.variant = assigned.variant;
        interaction.modelId = assigned.model.id;
        interaction.counted =
          assigned.experiment === null
            ? null
            : { experimentId: assigned.experiment, phase: assigned.phase!, stratum: assigned.stratum! };
        return { user, interaction, rating: (right ? 1 : -1) as 1 | -1 };
      });
      await record(loop, entries);
    },
    async close() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await preparer.close();
      await sandbox.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An interaction as the gateway would record it. */
export function interactionOf(text: string, action: string, more: Partial<Interaction> = {}): Interaction {
  return {
    clientId: null,
    at: new Date(),
    unit: null,
    conversation: null,
    modelId: null,
    modelName: "sandbox-base",
    providerModel: "sandbox-base",
    systemPromptHash: null,
    variant: "champion",
    counted: null,
    messages: [{ role: "user", content: text }],
    response: { role: "assistant", content: JSON.stringify({ action, reply: "ok" }) },
    actionType: action,
    actionData: null,
    quality: null,
    latencyUs: 1000,
    inputTokens: 5,
    outputTokens: 5,
    costMicros: null,
    error: null,
    store: true,
    tools: null,
    metadata: {},
    ...more,
  };
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// The gate, when two attempts of it overlap: a worker that only seemed dead goes on beside the one that took over.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { evaluateActivities } from "../../src/activities/evaluate.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { loadModel } from "../../src/store/models.ts";
import { UNMEASURED } from "../../src/telemetry/meter.ts";
import { type Opened, openSandbox } from "../sandbox/open-sandbox.ts";
import { ASKED, AT, addCandidate, makeLoop } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let opened: Opened;
before(async () => {
  database = await createTestDatabase();
  opened = await openSandbox();
});
after(async () => {
  await opened?.sandbox.close();
  await database?.drop();
});

test("two attempts that overlap both say that the candidate did not pass, and it leaves once", async () => {
  const { db } = database;
  await makeLoop(db, "helpem");
  const within = <T>(work: Parameters<typeof db.withLoop<T>>[1]) => db.withLoop("helpem", work);
  const from = { pulse: null, watermark: 0, settingsVersion: 1, asOf: AT };
  const { id: cycleId } = await within((tx) => createCycle(tx, "helpem", ASKED, from));
  const { id: modelId } = await within((tx) => addCandidate(tx, "helpem", "v1")); // the sandbox has no such model
  const { promise: both, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const { evaluate } = evaluateActivities({
    db,
    providers: createProviders({
      "openai-wire": { baseURL: null, apiKey: null },
      sandbox: { baseURL: opened.sandbox.baseURL },
    }),
    // Neither has an answer before both have found that there is no report yet.
    models: async (loop, id) => {
      if (++asked === 2) resolve();
      await both;
      return { model: await db.withLoop(loop, (tx) => loadModel(tx, loop, id)), examples: null };
    },
    meter: UNMEASURED,
    log: pino({ level: "silent" }),
  });
  const attempt = () =>
    new MockActivityEnvironment().run(() => evaluate({ loop: "helpem", cycleId, modelId, asOf: AT.getTime() }));
  const ends = await Promise.all([attempt(), attempt()]);
  const reason = "the candidate does not answer: the provider refuses to answer: 404 model_not_found";
  for (const end of ends) assert.deepEqual(end, { passed: false, reason });
  assert.equal((await within((tx) => loadModel(tx, "helpem", modelId))).role, "rejected");
});

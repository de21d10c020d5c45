import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { endCycle } from "../../src/store/cycles.ts";
import { conclude } from "../../src/store/experiment/lifecycle.ts";
import { METRICS } from "../../src/telemetry/metrics.ts";
import { makeFullLoop } from "../store/full-loop.ts";
import { ASKED, AT, HOUR, look, makeLoop, startExperiment } from "../store/loop-fixture.ts";
import { type Exposition, readExposition } from "../telemetry/read-exposition.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

let world: ApiWorld;
before(async () => {
  world = await openApiWorld();
});
after(() => world.close());

/** The page, read afresh: facts are kept for five seconds of the API's clock. */
async function page(): Promise<Exposition> {
  world.now += 6_000;
  const answer = await world.ask("GET", "/metrics", { key: null });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  return readExposition(answer.text);
}

test("the page has every metric of the table that a server shows, with its type and labels, and no other of ours", async () => {
  const { db } = world.database;
  world.now = AT.getTime() + HOUR;
  await makeFullLoop(db, "proved");
  const over = await makeFullLoop(db, "over");
  await db.withLoop("over", async (tx) => {
    await conclude(tx, "over", over.experimentId, { outcome: "rolled_back", at: AT }, ASKED);
    await endCycle(tx, "over", over.cycleId, "experiment", ASKED, AT);
  });
  await makeLoop(db, "trying");
  const experiment = await startExperiment(db, "trying", "v1");
  await db.withLoop("trying", (tx) => look(tx, experiment, 1, { kind: "hold", reason: "early", numbers: {} }));
  const [id] = (await world.ask("POST", "/api/interactions?loop=trying", { body: SPOKEN })).json.ids ?? [];
  await world.ask("POST", "/api/feedback?loop=trying", { body: { interaction_id: id ?? "one", value: 1 } });
  const chat = await world.ask("POST", "/v1/chat/completions", {
    body: { model: "trying", messages: [{ role: "user", content: "wake me" }] },
  });
  assert.equal(chat.status, 200, chat.text);

  const { samples, types } = await page();
  const shown = Object.entries(METRICS).filter(([, { from }]) => from.some((place) => place !== "worker"));
  for (const [name, { type, labels }] of shown) {
    assert.equal(types[name], type, name);
    const [sample] = samples.filter(({ metric }) => metric === name);
    assert.ok(sample, `${name} has no sample`);
    const given = Object.keys(sample.labels).filter((label) => label !== "le");
    assert.deepEqual(given.sort(), [...labels].sort(), name);
  }
  const ours = new Set(shown.map(([name]) => name));
  assert.deepEqual(
    Object.keys(types).filter((name) => !ours.has(name) && !/^(process|nodejs)_/.test(name)),
    [],
    "not in the table: src/telemetry/metrics.ts",
  );
});

const SPOKEN = { id: "one", messages: [{ role: "user", content: "wake me" }], response: "awake", model: "some" };

test("what the rows say is right", async () => {
  const { value } = await page();
  const seconds = (at: number) => at / 1000;
  assert.equal(value("ratchet_cycles_total", { loop: "over", outcome: "experiment" }), 1);
  assert.equal(value("ratchet_cycle_open", { loop: "proved", stage: "generate" }), 1);
  assert.equal(value("ratchet_pulse_last_timestamp_seconds", { loop: "proved" }), seconds(AT.getTime()));
  assert.equal(value("ratchet_pulse_interval_seconds", { loop: "proved" }), 1800);
  assert.equal(value("ratchet_thumbs", { loop: "proved", thumb: "up" }), 2);
  assert.equal(value("ratchet_thumbs", { loop: "proved", thumb: "down" }), 0);
  assert.equal(value("ratchet_experiments_total", { loop: "over", outcome: "rolled_back" }), 1);
  assert.equal(value("ratchet_experiment_open", { loop: "proved", status: "probation" }), 1);
  assert.equal(value("ratchet_experiment_looks", { loop: "trying", verdict: "hold" }), 1);
  assert.ok(value("ratchet_experiment_look_due_timestamp_seconds", { loop: "trying" })! > seconds(AT.getTime()));
  assert.equal(value("ratchet_promotions_total", { loop: "over", kind: "rollback" }), 1);
  assert.equal(value("ratchet_alerts_open", { loop: "proved", kind: "approval" }), 1);
  assert.equal(value("ratchet_slot_taken_timestamp_seconds", { loop: "proved" }), seconds(AT.getTime()));
  assert.equal(value("ratchet_slot_taken_timestamp_seconds", { loop: "over" }), undefined);
  assert.equal(
    value("ratchet_model_since_timestamp_seconds", { loop: "trying", role: "challenger", model: "v1" }),
    seconds(AT.getTime()),
  );
  assert.equal(value("ratchet_training_budget_usd", { loop: "proved" }), 50);
  assert.equal(value("ratchet_training_reserved_usd", { loop: "proved", period: "month" }), 1);
  await world.database.query("update budget_reservation set spent_micros = 250000 where loop = 'proved'");
  const settled = (await page()).value;
  assert.equal(settled("ratchet_training_reserved_usd", { loop: "proved", period: "month" }), 0);
  assert.equal(settled("ratchet_training_spent_usd", { loop: "proved", period: "ever" }), 0.25);
  world.now += 40 * 24 * HOUR;
  const later = (await page()).value;
  assert.deepEqual(
    [
      later("ratchet_training_spent_usd", { loop: "proved", period: "month" }),
      later("ratchet_training_spent_usd", { loop: "proved", period: "ever" }),
    ],
    [0, 0.25],
    "another month",
  );
});

test("requests are counted by route, never by path, and what is recorded is in flight only while it waits", async () => {
  await world.ask("GET", "/api/loops/proved/status");
  await world.ask("GET", "/api/loops/over/status");
  await world.ask("GET", "/nothing/of/the/kind?of=a-person");
  await world.ask("GET", "/api/loops/proved/status", { key: "rk_wrong" });
  const { value, samples } = await page();
  const route = { method: "GET", route: "/api/loops/:loop/status" };
  assert.equal(value("ratchet_http_requests_total", { ...route, status: "200" }), 2);
  assert.equal(value("ratchet_http_requests_total", { ...route, status: "401" }), 1);
  assert.equal(value("ratchet_http_request_duration_seconds_count", route), 3);
  assert.equal(value("ratchet_http_requests_total", { route: "none", status: "404" }), 1);
  assert.ok(samples.every(({ labels }) => !JSON.stringify(labels).includes("person")));
  const call = { gen_ai_request_model: "sandbox-base", gen_ai_provider_name: "sandbox", gen_ai_operation_name: "chat" };
  assert.equal(value("gen_ai_client_operation_duration_seconds_count", { ...call, error_type: "" }), 1);
  assert.ok(value("gen_ai_client_token_usage_sum", { ...call, gen_ai_token_type: "output" })! > 0);

  // A lock on what recording writes to: the answer waits for its commit, and the page says so.
  const locked = await holdTable("interaction");
  const chat = world.ask("POST", "/v1/chat/completions", {
    body: { model: "trying", messages: [{ role: "user", content: "wake me" }] },
  });
  while ((await page()).value("ratchet_recording_in_flight", { what: "answer" }) !== 1);
  await locked.release();
  assert.equal((await chat).status, 200);
  assert.equal((await page()).value("ratchet_recording_in_flight", { what: "answer" }), 0);
});

test("a name in a label cannot break the page", async () => {
  const { db } = world.database;
  await db.withLoop("trying", async () => {});
  await world.database.query(`update model set name = E'a"b\\\\c\\nd' where loop = 'trying' and role = 'challenger'`);
  const { samples } = await page();
  assert.ok(samples.some(({ labels }) => labels.model === 'a\\"b\\\\c\\nd'));
});

test("without its database the page is still there, and says so", async () => {
  const original = world.database.db.acrossLoops;
  world.database.db.acrossLoops = () => Promise.reject(new Error("away"));
  try {
    const { value, types } = await page();
    assert.equal(value("ratchet_database_up"), 0);
    assert.equal(types.ratchet_cycles_total, undefined);
    assert.ok("process_cpu_seconds_total" in types);
  } finally {
    world.database.db.acrossLoops = original;
  }
  assert.equal((await page()).value("ratchet_database_up"), 1);
});

test("RATCHET_METRICS=keys asks for a key that may read every loop; nobody means nobody", async () => {
  const guarded = await openApiWorld({ metricsFor: "keys" });
  try {
    await guarded.loop({ name: "demo" });
    const status = async (key: string | null) => (await guarded.ask("GET", "/metrics", { key })).status;
    assert.equal(await status(null), 401);
    assert.equal(await status(await guarded.key(["serve"])), 403);
    assert.equal(await status(await guarded.key(["read"], "demo")), 403);
    assert.equal(await status(await guarded.key(["read"])), 200);
  } finally {
    await guarded.close();
  }
  const closed = await openApiWorld({ metricsFor: "nobody" });
  try {
    assert.equal((await closed.ask("GET", "/metrics")).status, 404);
  } finally {
    await closed.close();
  }
});

/** Locks a table against writers until it is released. */
async function holdTable(table: string): Promise<{ release(): Promise<void> }> {
  let release = () => {};
  let taken = () => {};
  const held = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const done = world.database.db.acrossLoops(async (tx) => {
    await tx.run({ strings: [`lock table ${table} in share mode`], values: [] });
    taken();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  });
  await held;
  return {
    release: async () => {
      release();
      await done;
    },
  };
}

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "../../../src/db/sql.ts";
import type { ExperimentOutcome } from "../../../src/domain/experiment.ts";
import { newId } from "../../../src/domain/id.ts";
import {
  awaitApproval,
  beginExperiment,
  conclude,
  promote,
  renewServing,
} from "../../../src/store/experiment/lifecycle.ts";
import { lastLook, listLooks } from "../../../src/store/experiment/looks.ts";
import { type Experiment, listExperiments, loadExperiment, openExperiment } from "../../../src/store/experiment/row.ts";
import { championOf, listModels } from "../../../src/store/models.ts";
import { listPromotions } from "../../../src/store/promotions.ts";
import { slotHolder } from "../../../src/store/slots.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import {
  ASKED,
  AT,
  faultLike,
  HOLD,
  HOUR,
  hours,
  look,
  makeLoop,
  PARAMETERS,
  PROMOTE,
  startExperiment,
  warmUp,
} from "../loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const start = (name = "candidate") => startExperiment(database.db, loop, name);
const raise = ({ id }: Experiment, verdict: unknown = PROMOTE, supported = true) =>
  within((tx) => promote(tx, loop, id, { verdict, supported, at: hours(48) }, ASKED));
const close = ({ id }: Experiment, outcome: ExperimentOutcome, actor = "ada") =>
  within((tx) => conclude(tx, loop, id, { outcome, at: hours(50) }, { actor, reason: `because ${outcome}` }));
const roles = async () =>
  Object.fromEntries((await within((tx) => listModels(tx, loop))).map((model) => [model.name, model.role]));
const held = async () => (await within((tx) => slotHolder(tx, loop)))?.holder ?? null;
const changes = async () => (await within((tx) => listPromotions(tx, loop))).map((change) => change.kind);

/** A candidate that was tried, promoted, and kept. */
async function kept(name: string): Promise<Experiment> {
  const experiment = await start(name);
  await raise(experiment);
  return close(experiment, "promoted");
}

test("an experiment that was begun before there were guardrails still reads, and has none", async () => {
  const { id } = await start();
  const later = ["primary", "metrics", "guardrails", "slowAbove", "costPerInteraction"];
  await within((tx) => tx.run(sql`update experiment set parameters = parameters - ${later}::text[] where id = ${id}`));
  assert.deepEqual((await within((tx) => loadExperiment(tx, loop, id))).parameters, {
    ...PARAMETERS,
    guardrails: { error: null, slow: null, cost: null, quality: null },
  });
});

test("an experiment begins with the candidate as challenger, its goal frozen, and the slot", async () => {
  const experiment = await start();
  assert.deepEqual(await roles(), { "sandbox-base": "champion", candidate: "challenger" });
  assert.equal(await held(), `experiment/${experiment.id}`);
  assert.deepEqual([experiment.status, experiment.parameters, experiment.started_by], ["running", PARAMETERS, "ada"]);
  assert.deepEqual(
    [experiment.ends_at, experiment.serve_until],
    [hours(14 * 24), new Date(AT.getTime() + HOUR + 60_000)],
  );
  assert.deepEqual(await within((tx) => openExperiment(tx, loop)), experiment);
});

test("the same experiment begun again is the one that began; another one is refused with who holds the slot", async () => {
  const experiment = await start();
  const begin = { id: experiment.id, cycleId: null, challengerId: newId(), parameters: PARAMETERS, at: hours(1) };
  assert.deepEqual(await within((tx) => beginExperiment(tx, loop, begin, ASKED)), experiment);
  await assert.rejects(
    start("second"),
    faultLike("conflict", new RegExp(experiment.id), { holder: `experiment/${experiment.id}` }),
  );
  assert.equal((await roles()).second, undefined);
});

test("of several that begin at the same moment one does", async () => {
  const results = await Promise.allSettled(["a", "b", "c", "d"].map((name) => start(name)));
  assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
  for (const result of results)
    if (result.status === "rejected") assert.ok(faultLike("conflict", /is running since/)(result.reason));
  assert.equal(Object.values(await roles()).filter((role) => role === "challenger").length, 1);
});

test("the champion itself cannot be tried, nor a model of nobody", async () => {
  const champion = await within((tx) => championOf(tx, loop));
  const begin = (challengerId: string) =>
    within((tx) =>
      beginExperiment(tx, loop, { id: newId(), cycleId: null, challengerId, parameters: PARAMETERS, at: AT }, ASKED),
    );
  await assert.rejects(begin(champion.id), faultLike("conflict", /is champion/));
  await assert.rejects(begin(newId()), faultLike("not_found", /no model/));
  assert.equal(await held(), null);
});

test("a promotion changes roles, experiment, routing and records together", async () => {
  const experiment = await raise(await start());
  assert.deepEqual(await roles(), { "sandbox-base": "standby", candidate: "champion" });
  assert.deepEqual(
    [experiment.status, experiment.probation_until, experiment.verdict],
    ["probation", hours(96), PROMOTE],
  );
  assert.equal(await held(), `experiment/${experiment.id}`, "the slot is held through probation");
  const [promotion] = await within((tx) => listPromotions(tx, loop));
  assert.deepEqual(
    [promotion!.kind, promotion!.supported, promotion!.actor, promotion!.experiment_id],
    ["promotion", true, "ada", experiment.id],
  );
});

test("promoting twice is promoting once, at the same moment too", async () => {
  const experiment = await start();
  const all = await Promise.all([1, 2, 3, 4].map(() => raise(experiment)));
  for (const found of all) assert.equal(found.status, "probation");
  assert.deepEqual(await changes(), ["promotion", "first"]);
});

test("no promotion without a verdict on record, and none passed off as supported", async () => {
  const experiment = await start();
  for (const verdict of [null, {}, [], "promote", { kind: "" }])
    await assert.rejects(raise(experiment, verdict), { code: "23514" }, JSON.stringify(verdict));
  await assert.rejects(raise(experiment, HOLD, true), { code: "23514" });
  assert.deepEqual(await roles(), { "sandbox-base": "champion", candidate: "challenger" }, "and nothing has moved");
  await raise(experiment, HOLD, false);
  assert.equal((await within((tx) => listPromotions(tx, loop)))[0]!.supported, false, "an override stays marked");
});

test("one promotion and one rollback per experiment, whatever the code believes", async () => {
  const experiment = await raise(await start());
  const again = (kind: string) =>
    database.query(
      `insert into promotion (id, loop, kind, to_model_id, experiment_id, verdict, supported, actor, reason)
       values (gen_random_uuid(), $1, $2, $3, $4, '{"kind":"promote"}', true, 'x', 'x')`,
      [loop, kind, experiment.challenger_id, experiment.id],
    );
  await assert.rejects(again("promotion"), { constraint: "one_promotion_per_experiment" });
  await again("rollback");
  await assert.rejects(again("rollback"), { constraint: "one_rollback_per_experiment" });
});

test("every way to end before a promotion lets the challenger leave and frees the slot", async () => {
  for (const outcome of [
    "rejected",
    "harmful",
    "futile",
    "inconclusive",
    "stopped",
    "approval_timed_out",
    "lost",
  ] as const) {
    const ended = await close(await start(outcome), outcome);
    assert.deepEqual(
      [ended.status, ended.outcome, ended.outcome_reason, ended.closed_by],
      ["closed", outcome, `because ${outcome}`, "ada"],
    );
    assert.equal((await roles())[outcome], "rejected");
    assert.equal(await held(), null);
  }
  assert.equal((await within((tx) => championOf(tx, loop))).name, "sandbox-base");
});

test("probation ends by keeping the new champion, or by bringing the former one back", async () => {
  await kept("good");
  assert.deepEqual(await roles(), { "sandbox-base": "retired", good: "champion" });
  const bad = await start("bad");
  await raise(bad);
  const ended = await close(bad, "rolled_back");
  assert.equal(ended.outcome, "rolled_back");
  assert.deepEqual(await roles(), { "sandbox-base": "retired", good: "champion", bad: "rejected" });
  assert.deepEqual(await changes(), ["rollback", "promotion", "promotion", "first"]);
  assert.equal(await held(), null);
});

test("an end that does not fit where it stands is refused and changes nothing", async () => {
  const experiment = await start();
  for (const outcome of ["promoted", "rolled_back"] as const)
    await assert.rejects(close(experiment, outcome), faultLike("conflict", /not promoted/));
  await raise(experiment);
  for (const outcome of ["rejected", "stopped", "harmful", "lost"] as const)
    await assert.rejects(close(experiment, outcome), faultLike("conflict", /in probation/));
  assert.deepEqual(await roles(), { "sandbox-base": "standby", candidate: "champion" });
});

test("what is over stays as it ended; promoting it hears who, when and what", async () => {
  const ended = await close(await start(), "stopped", "bob");
  assert.deepEqual(await close(ended, "rejected", "eve"), ended);
  await assert.rejects(
    raise(ended),
    faultLike("conflict", /stopped by bob/, { who: "bob", when: hours(50).toISOString(), what: "stopped" }),
  );
  assert.deepEqual(await within((tx) => awaitApproval(tx, loop, ended.id, PROMOTE, ASKED, hours(51))), ended);
});

test("stop racing promote: one of them happens, whole", async () => {
  for (let round = 0; round < 6; round++) {
    const name = `raced-${round}`;
    const experiment = await start(name);
    const before = (await within((tx) => championOf(tx, loop))).name;
    const [raised, stopped] = await Promise.allSettled([raise(experiment), close(experiment, "stopped")]);
    assert.ok((raised.status === "fulfilled") !== (stopped.status === "fulfilled"));
    const now = await roles();
    if (raised.status === "fulfilled") {
      assert.deepEqual([now[name], now[before]], ["champion", "standby"]);
      await close(experiment, "promoted");
    } else assert.deepEqual([now[name], now[before]], ["rejected", "champion"]);
  }
});

test("approval is asked for once; asking again changes neither verdict nor deadline", async () => {
  const experiment = await start();
  const asked = await within((tx) => awaitApproval(tx, loop, experiment.id, PROMOTE, ASKED, hours(48)));
  assert.deepEqual(
    [asked.status, asked.approval_until, asked.verdict],
    ["awaiting_approval", hours(48 + 7 * 24), PROMOTE],
  );
  assert.deepEqual(await within((tx) => awaitApproval(tx, loop, experiment.id, HOLD, ASKED, hours(60))), asked);
  assert.equal((await raise(experiment)).approval_until, null);
});

test("serving is renewed by looks, never shortened by a late one, and not for what is over", async () => {
  const experiment = await start();
  const renew = async (hour: number) => {
    await within((tx) => renewServing(tx, experiment, hours(hour)));
    return (await within((tx) => loadExperiment(tx, loop, experiment.id))).serve_until;
  };
  const until = new Date(hours(11).getTime() + 60_000);
  assert.deepEqual(await renew(10), until);
  assert.deepEqual(await renew(2), until);
  await close(experiment, "stopped");
  assert.deepEqual(await renew(20), until);
});

test("a look is kept once under its number, and looks are read in order", async () => {
  const experiment = await start();
  const kept = await within(async (tx) => [
    await look(tx, experiment, 2, PROMOTE),
    await look(tx, experiment, 1, HOLD),
    await look(tx, experiment, 2, HOLD),
  ]);
  assert.deepEqual(kept, [true, true, false]);
  const looks = await within((tx) => listLooks(tx, experiment.id));
  assert.deepEqual(
    looks.map(({ number, at, verdict }) => [number, at, verdict]),
    [
      [1, hours(1), HOLD],
      [2, hours(2), PROMOTE],
    ],
  );
  assert.equal((await within((tx) => lastLook(tx, experiment.id)))!.number, 2);
});

test("experiments are listed newest first, page by page, and another loop's is not there", async () => {
  const ids: string[] = [];
  for (const name of ["a", "b", "c"]) ids.unshift((await close(await start(name), "stopped")).id);
  const list = (before: string | null) => within((tx) => listExperiments(tx, loop, { before, limit: 2 }));
  assert.deepEqual(
    (await list(null)).map((experiment) => experiment.id),
    ids.slice(0, 2),
  );
  assert.deepEqual(
    (await list(ids[1]!)).map((experiment) => experiment.id),
    ids.slice(2),
  );
  await makeLoop(database.db, `${loop}-other`);
  await assert.rejects(
    database.db.withLoop(`${loop}-other`, (tx) => loadExperiment(tx, `${loop}-other`, ids[0]!)),
    faultLike("not_found", /no experiment/),
  );
});

test("a schema that only knows whole states: closed has an end, and one is open at a time", async () => {
  const experiment = await start();
  await assert.rejects(database.query("update experiment set status = 'closed' where id = $1", [experiment.id]), {
    code: "23514",
  });
  await assert.rejects(
    database.query(
      `insert into experiment (id, loop, champion_id, challenger_id, parameters, salt, status, started_by, started_at, ends_at, serve_until)
       select gen_random_uuid(), loop, champion_id, challenger_id, parameters, salt, status, started_by, started_at, ends_at, serve_until
       from experiment where id = $1`,
      [experiment.id],
    ),
    { constraint: "one_open_experiment_per_loop" },
  );
});

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { listAudit } from "../../src/store/audit.ts";
import { reserveBudget } from "../../src/store/budget.ts";
import { cancelCycle } from "../../src/store/cancel-cycle.ts";
import { createCycle, endCycle, enterStage, listCycles, loadCycle, openCycle } from "../../src/store/cycles.ts";
import { beginExperiment, conclude } from "../../src/store/experiment/lifecycle.ts";
import { loopOfItem } from "../../src/store/loop-of-item.ts";
import { modelInRole } from "../../src/store/models.ts";
import { slotHolder } from "../../src/store/slots.ts";
import { addSnapshot } from "../../src/store/snapshots.ts";
import { intendRun, runOfCycle, runSending } from "../../src/store/training-runs.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import {
  ASKED,
  AT,
  addCandidate,
  faultLike,
  hours,
  makeLoop,
  PARAMETERS,
  startExperiment,
  warmUp,
} from "./loop-fixture.ts";

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
const start = (pulse: number | null = null, hour = 0) =>
  within((tx) => createCycle(tx, loop, ASKED, { pulse, watermark: 0, settingsVersion: 1, asOf: hours(hour) }));
const end = (id: string, outcome: Parameters<typeof endCycle>[3], reason = "a reason") =>
  within((tx) => endCycle(tx, loop, id, outcome, { actor: "the loop", reason }, hours(5)));
const holder = () => within((tx) => slotHolder(tx, loop));

/** A cycle whose candidate is being tried. */
async function tried() {
  const cycle = await start();
  const experiment = await within(async (tx) => {
    const { id } = await addCandidate(tx, loop, "candidate");
    return beginExperiment(
      tx,
      loop,
      { id: newId(), cycleId: cycle.id, challengerId: id, parameters: PARAMETERS, at: AT },
      ASKED,
    );
  });
  return { cycle, experiment };
}

test("a cycle is on record with its slot, its number and who started it", async () => {
  const cycle = await start();
  assert.deepEqual(
    [cycle.number, cycle.stage, cycle.outcome, cycle.started_by, cycle.reason],
    [1, "generate", null, "ada", "a test"],
  );
  assert.deepEqual(await holder(), { holder: `cycle/${cycle.id}`, since: AT });
  assert.deepEqual(await within((tx) => openCycle(tx, loop)), cycle);
  assert.equal(await database.db.acrossLoops((tx) => loopOfItem(tx, "cycle", cycle.id)), loop);
  assert.equal(await database.db.acrossLoops((tx) => loopOfItem(tx, "cycle", "not an id")), null);
});

test("while one runs another cannot start, and hears who holds the slot and since when", async () => {
  const { id } = await start();
  await assert.rejects(
    start(),
    faultLike("conflict", new RegExp(`cycle/${id}`), { holder: `cycle/${id}`, since: AT.toISOString() }),
  );
  assert.equal((await within((tx) => listCycles(tx, loop, { before: null, limit: 9 }))).length, 1);
});

test("of several that start at the same moment one does, and the others hear of it", async () => {
  const results = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => start()));
  const won = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  assert.equal(won.length, 1);
  const conflict = faultLike("conflict", /is running since/, { holder: `cycle/${won[0]!.id}` });
  for (const result of results) if (result.status === "rejected") assert.ok(conflict(result.reason));
});

test("an experiment holds the slot as a cycle does, and is named", async () => {
  const { id } = await startExperiment(database.db, loop, "candidate");
  await assert.rejects(start(), faultLike("conflict", new RegExp(`experiment/${id}`), { holder: `experiment/${id}` }));
});

test("a pulse that asks again gets the cycle that it made, also when it is over, also at once", async () => {
  const all = await Promise.all([start(7), start(7), start(7)]);
  assert.equal(new Set(all.map((cycle) => cycle.id)).size, 1);
  await end(all[0]!.id, "failed");
  assert.equal((await start(7)).id, all[0]!.id);
  assert.equal((await start(8)).number, 2);
});

test("each loop has its own slot and its own numbers", async () => {
  await start();
  const other = `${loop}-other`;
  await makeLoop(database.db, other);
  const theirs = await database.db.withLoop(other, (tx) =>
    createCycle(tx, other, ASKED, { pulse: null, watermark: 0, settingsVersion: 1, asOf: AT }),
  );
  assert.equal(theirs.number, 1);
  await assert.rejects(
    within((tx) => loadCycle(tx, loop, theirs.id)),
    faultLike("not_found", /no cycle/),
  );
});

test("the end frees the slot once; the first end stays", async () => {
  const { id } = await start();
  const ended = await end(id, "nothing_to_learn", "too little");
  assert.deepEqual(
    [ended.stage, ended.outcome, ended.outcome_reason, ended.ended_at],
    ["done", "nothing_to_learn", "too little", hours(5)],
  );
  assert.equal(await holder(), null);
  assert.deepEqual(await end(id, "failed", "late"), ended);
  const ends = (await within((tx) => listAudit(tx, loop, { before: null, limit: 20 }))).filter(
    (entry) => entry.subject === `cycle/${id}`,
  );
  assert.deepEqual(
    ends.map((entry) => entry.action),
    ["cycle.nothing_to_learn", "cycle.start"],
  );
  const next = await start();
  await end(id, "failed");
  assert.equal((await holder())!.holder, `cycle/${next.id}`, "an end that comes late frees nobody else's slot");
});

test("a run for which nothing was sent ends with its cycle, and its money is given back; one that was sent stays open", async () => {
  for (const sent of [false, true]) {
    const { id: cycleId } = await start();
    const run = await within(async (tx) => {
      const snapshotId = newId();
      const snapshot = {
        id: snapshotId,
        loop,
        cycle_id: cycleId,
        watermark: 0,
        seed: "1",
        manifest: {},
        examples: 0,
        at: AT,
      };
      await addSnapshot(tx, { ...snapshot, manifest_sha256: "0".repeat(64) }, [], 0);
      const intent = { id: newId(), loop, cycleId, attempt: 1, snapshotId, trainer: "openai-wire", at: AT } as const;
      const intended = await intendRun(tx, intent);
      await reserveBudget(tx, loop, { id: intended.id, estimateUsd: 2, at: AT }, { perRunUsd: 10, monthlyUsd: 50 });
      if (sent) await runSending(tx, intended, AT);
      return intended;
    });
    await end(cycleId, "cancelled");
    const { status, reason } = (await within((tx) => runOfCycle(tx, cycleId, 1)))!;
    const [held] = await database.query("select spent_micros from budget_reservation where training_run_id = $1", [
      run.id,
    ]);
    const as = [status, reason, held!.spent_micros];
    assert.deepEqual(as, sent ? ["intended", null, null] : ["cancelled", "the cycle ended", "0"]);
  }
});

test("stages go on while it is open, and whoever works on an ended one is stopped", async () => {
  const { id } = await start();
  await within((tx) => enterStage(tx, loop, id, "train"));
  assert.equal((await within((tx) => loadCycle(tx, loop, id))).stage, "train");
  await end(id, "cancelled");
  await assert.rejects(
    within((tx) => enterStage(tx, loop, id, "poll")),
    faultLike("conflict", /over: cancelled/),
  );
  assert.equal((await within((tx) => loadCycle(tx, loop, id))).stage, "done");
});

test("an operator cancels it once; the second hears who, when and what", async () => {
  const { id } = await start();
  const cancel = (actor: string, hour: number) =>
    within((tx) => cancelCycle(tx, loop, id, { actor, reason: "not now" }, hours(hour)));
  assert.equal((await cancel("ada", 1)).outcome, "cancelled");
  await assert.rejects(
    cancel("bob", 2),
    faultLike("conflict", /cancelled by ada/, { who: "ada", when: hours(1).toISOString(), what: "cancelled" }),
  );
  await assert.rejects(
    within((tx) => cancelCycle(tx, loop, "none", ASKED, AT)),
    faultLike("not_found", /no cycle "none"/),
  );
});

test("two that cancel at the same moment: one does, the other hears of it", async () => {
  const { id } = await start();
  const results = await Promise.allSettled(
    ["ada", "bob", "eve"].map((actor) => within((tx) => cancelCycle(tx, loop, id, { actor, reason: "no" }, hours(1)))),
  );
  assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
  for (const result of results)
    if (result.status === "rejected") assert.ok(faultLike("conflict", /is over: cancelled by/)(result.reason));
});

test("a cycle hands its slot to its experiment, and its own end does not take it back", async () => {
  const { cycle, experiment } = await tried();
  assert.equal((await holder())!.holder, `experiment/${experiment.id}`);
  await end(cycle.id, "experiment");
  assert.equal((await holder())!.holder, `experiment/${experiment.id}`);
  await within((tx) => conclude(tx, loop, experiment.id, { outcome: "stopped", at: hours(6) }, ASKED));
  assert.equal(await holder(), null);
});

test("who cancels a cycle that went on to its experiment is sent there", async () => {
  const { cycle, experiment } = await tried();
  const cancel = () => within((tx) => cancelCycle(tx, loop, cycle.id, ASKED, hours(1)));
  await assert.rejects(cancel(), faultLike("conflict", /experiment/, { experiment: experiment.id }));
  await end(cycle.id, "experiment");
  await assert.rejects(
    cancel(),
    faultLike("conflict", /is over: experiment/, { experiment: experiment.id, what: "experiment" }),
  );
});

test("a cancelled cycle cannot go on to an experiment: nothing of it is left", async () => {
  const { id } = await start();
  const candidate = await within((tx) => addCandidate(tx, loop, "candidate"));
  await end(id, "cancelled");
  const begin = { id: newId(), cycleId: id, challengerId: candidate.id, parameters: PARAMETERS, at: AT };
  await assert.rejects(
    within((tx) => beginExperiment(tx, loop, begin, ASKED)),
    faultLike("conflict", /cannot go on to an experiment/),
  );
  assert.equal(await within((tx) => modelInRole(tx, loop, "challenger")), null);
});

test("a cycle begins one experiment, whoever asks again, under whatever id", async () => {
  const { cycle, experiment } = await tried();
  const again = (id: string) =>
    within((tx) =>
      beginExperiment(
        tx,
        loop,
        { id, cycleId: cycle.id, challengerId: experiment.challenger_id, parameters: PARAMETERS, at: hours(3) },
        ASKED,
      ),
    );
  assert.deepEqual(await again(experiment.id), experiment);
  assert.deepEqual(await again(newId()), experiment);
});

test("cycles are listed newest first, page by page", async () => {
  for (const pulse of [1, 2, 3, 4, 5]) await end((await start(pulse)).id, "failed");
  const list = (before: number | null) => within((tx) => listCycles(tx, loop, { before, limit: 2 }));
  assert.deepEqual(
    (await list(null)).map((cycle) => cycle.number),
    [5, 4],
  );
  assert.deepEqual(
    (await list(4)).map((cycle) => cycle.number),
    [3, 2],
  );
  assert.deepEqual(
    (await list(1)).map((cycle) => cycle.number),
    [],
  );
});

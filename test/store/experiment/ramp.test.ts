import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { assign } from "../../../src/evidence/assignment.ts";
import { command } from "../../../src/store/experiment/command.ts";
import { awaitApproval, conclude, promote } from "../../../src/store/experiment/lifecycle.ts";
import { openPhase } from "../../../src/store/experiment/ramp.ts";
import { type Experiment, loadExperiment } from "../../../src/store/experiment/row.ts";
import { readRouting } from "../../../src/store/routing.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { ASKED, AT, HOUR, hours, makeLoop, PROMOTE, startExperiment, warmUp } from "../loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let begun: Experiment;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());

const RAMP = [
  { share: 0.1, entered: 0.2, from: 0 },
  { share: 0.25, entered: 0.5, from: 12 * HOUR },
  { share: 0.5, entered: 1, from: 24 * HOUR },
];
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
  begun = await startExperiment(database.db, loop, "candidate", { share: 0.5, ramp: RAMP });
});

const UNITS = Array.from({ length: 4_000 }, (_, index) => `user:${index}`);
const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const open = (phase: number) => within((tx) => openPhase(tx, begun, phase, ASKED, AT));
const row = () => within((tx) => loadExperiment(tx, loop, begun.id));
const routing = () => within((tx) => readRouting(tx, loop, AT));

test("a ramp begins with its first phase, and each further one lets more in, whom nobody loses again", async () => {
  const shares: number[] = [];
  let met = new Set<string>();
  for (const phase of [1, 2, 3]) {
    if (phase > 1) assert.equal(await open(phase), true);
    const document = await routing();
    assert.deepEqual(document.experiment!.entered, [0.2, 0.5, 1].slice(0, phase));
    assert.equal(document.experiment!.share, 0.5);
    const meet = new Set(UNITS.filter((unit) => assign(document, unit, AT).variant === "challenger"));
    for (const unit of met) assert.ok(meet.has(unit), `${unit} lost the challenger`);
    shares.push(meet.size / UNITS.length);
    met = meet;
  }
  for (const [phase, share] of [0.1, 0.25, 0.5].entries())
    assert.ok(Math.abs(shares[phase]! - share) < 0.03, `${shares}`);
});

test("a phase is opened once, by one of several, with a version of the routing, an audit entry and an event", async () => {
  const before = (await routing()).version;
  const opened = await Promise.all(Array.from({ length: 4 }, () => open(2)));
  assert.deepEqual(opened.toSorted(), [false, false, false, true]);
  assert.equal((await row()).phases_open, 2);
  assert.equal((await routing()).version, before + 1);
  const audited = await database.query(
    "select actor, reason, payload from audit where subject = $1 and action = 'experiment.ramp'",
    [`experiment/${begun.id}`],
  );
  assert.deepEqual(audited, [{ ...ASKED, payload: { phase: 2, of: 3, share: 0.25, entered: 0.5, from: 12 * HOUR } }]);
  const events = await database.query("select 1 from event_outbox where subject = $1", [begun.id]);
  assert.equal(events.length, 2, "the start, and the phase");
});

test("no phase opens out of its turn, or beyond the last", async () => {
  for (const phase of [1, 3, 0, 4]) assert.equal(await open(phase), false, `${phase}`);
  assert.equal((await row()).phases_open, 1);
  await assert.rejects(database.query("update experiment set phases_open = 4 where id = $1", [begun.id]), {
    constraint: "phases_are_the_ramps",
  });
});

test("a fixed share has one phase, and the schema knows no second", async () => {
  await within((tx) => conclude(tx, loop, begun.id, { outcome: "stopped", at: AT }, ASKED));
  const fixed = await startExperiment(database.db, loop, "another");
  assert.deepEqual([fixed.phases_open, (await routing()).experiment!.entered], [1, [1]]);
  await assert.rejects(
    within((tx) => openPhase(tx, fixed, 2, ASKED, AT)),
    { constraint: "phases_are_the_ramps" },
  );
});

const NO_ENTRY: Record<string, () => Promise<unknown>> = {
  paused: () => within((tx) => command(tx, loop, begun.id, { kind: "pause", ...ASKED }, AT)),
  "awaiting approval": () => within((tx) => awaitApproval(tx, loop, begun.id, PROMOTE, ASKED, AT)),
  "in probation": () =>
    within((tx) => promote(tx, loop, begun.id, { verdict: PROMOTE, supported: true, at: hours(1) }, ASKED)),
  over: () => within((tx) => conclude(tx, loop, begun.id, { outcome: "stopped", at: AT }, ASKED)),
};
for (const [state, get] of Object.entries(NO_ENTRY))
  test(`no phase opens while an experiment is ${state}`, async () => {
    await get();
    const before = (await routing()).version;
    assert.equal(await open(2), false);
    assert.equal((await row()).phases_open, 1);
    assert.equal((await routing()).version, before);
  });

test("a pause keeps every assignment, and newcomers go on entering the phases that are open", async () => {
  await open(2);
  const before = await routing();
  await NO_ENTRY.paused!();
  const after = await routing();
  for (const unit of UNITS) assert.deepEqual(assign(after, unit, AT), assign(before, unit, AT));
});

test("who met the challenger in a phase of a ramp keeps it when it is promoted from that phase", async () => {
  await open(2);
  const before = await routing();
  await NO_ENTRY["in probation"]!();
  const after = await routing();
  const met = UNITS.filter((unit) => assign(before, unit, AT).variant === "challenger");
  assert.ok(met.length > 0);
  for (const unit of met) assert.equal(assign(after, unit, AT).model.name, "candidate");
});

test("test accounts stand in the routing by their points, in the experiment and in its probation", async () => {
  await within((tx) => conclude(tx, loop, begun.id, { outcome: "stopped", at: AT }, ASKED));
  assert.equal("test_accounts" in begun.parameters, false);
  const testAccounts = [{ u: 0.75, e: 1 / 3, variant: "challenger" as const }];
  begun = await startExperiment(database.db, loop, "another", { testAccounts });
  assert.deepEqual((await routing()).experiment!.test_accounts, testAccounts);
  await NO_ENTRY["in probation"]!();
  assert.deepEqual((await routing()).probation!.test_accounts, testAccounts);
});

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { ExperimentCommand } from "../../../src/domain/experiment.ts";
import { listAudit } from "../../../src/store/audit.ts";
import { command } from "../../../src/store/experiment/command.ts";
import { awaitApproval, conclude } from "../../../src/store/experiment/lifecycle.ts";
import type { Experiment } from "../../../src/store/experiment/row.ts";
import { championOf } from "../../../src/store/models.ts";
import { listPromotions } from "../../../src/store/promotions.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import {
  ASKED,
  AT,
  faultLike,
  HOLD,
  hours,
  look,
  makeLoop,
  PROMOTE,
  startExperiment,
  warmUp,
} from "../loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let running: Experiment;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
  running = await startExperiment(database.db, loop, "candidate");
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const ask = (asked: ExperimentCommand, actor = "ada", hour = 50) =>
  within((tx) =>
    command(tx, loop, running.id, { ...asked, actor, reason: `${actor} says ${asked.kind}` }, hours(hour)),
  );
const looked = (number: number, verdict: unknown) => within((tx) => look(tx, running, number, verdict));
const awaiting = async () => {
  await looked(48, PROMOTE);
  return within((tx) => awaitApproval(tx, loop, running.id, PROMOTE, ASKED, hours(48)));
};
const champion = async () => (await within((tx) => championOf(tx, loop))).name;
const noted = async () =>
  (await within((tx) => listAudit(tx, loop, { before: null, limit: 50 }))).filter(
    (entry) => entry.subject === `experiment/${running.id}`,
  );

test("an approval of what the evidence supports promotes, in the approver's name", async () => {
  await awaiting();
  const experiment = await ask({ kind: "approve" });
  assert.equal(experiment.status, "probation");
  assert.equal(await champion(), "candidate");
  const [promotion] = await within((tx) => listPromotions(tx, loop));
  assert.deepEqual([promotion!.supported, promotion!.actor, promotion!.reason], [true, "ada", "ada says approve"]);
});

test("two approvals at the same moment: one promotes, the other hears who, when and what", async () => {
  await awaiting();
  const results = await Promise.allSettled([ask({ kind: "approve" }, "ada", 50), ask({ kind: "approve" }, "bob", 51)]);
  const won = results.findIndex((result) => result.status === "fulfilled");
  const [who, when] = [
    ["ada", hours(50)],
    ["bob", hours(51)],
  ][won] as [string, Date];
  const lost = results[1 - won]!;
  assert.ok(lost.status === "rejected");
  assert.ok(
    faultLike("conflict", new RegExp(`promoted by ${who}`), { who, when: when.toISOString(), what: "promoted" })(
      lost.reason,
    ),
  );
  assert.equal(
    (await within((tx) => listPromotions(tx, loop))).filter((change) => change.kind === "promotion").length,
    1,
  );
});

test("an approval that nobody asked for needs the evidence, or an override that stays marked", async () => {
  await assert.rejects(ask({ kind: "approve" }), faultLike("conflict", /no verdict on record yet/));
  await assert.rejects(ask({ kind: "approve", override: true }), faultLike("conflict", /no verdict on record yet/));
  await looked(1, HOLD);
  await assert.rejects(
    ask({ kind: "approve" }),
    faultLike("conflict", /does not support.*hold: too early/, { verdict: "hold" }),
  );
  await assert.rejects(ask({ kind: "approve", override: false }), faultLike("conflict", /does not support/));
  assert.equal(await champion(), "sandbox-base");
  await ask({ kind: "approve", override: true });
  assert.equal(await champion(), "candidate");
  assert.equal((await within((tx) => listPromotions(tx, loop)))[0]!.supported, false);
});

test("an approval stands on the verdict that it was asked for on", async () => {
  await awaiting();
  await looked(49, HOLD);
  await ask({ kind: "approve" });
  const [promotion] = await database.query(
    "select verdict, supported from promotion where loop = $1 and kind = 'promotion'",
    [loop],
  );
  assert.deepEqual(promotion, { verdict: PROMOTE, supported: true });
});

test("rejecting and stopping end it under their own names, running or awaiting approval", async () => {
  for (const [kind, outcome] of [
    ["reject", "rejected"],
    ["stop", "stopped"],
  ] as const) {
    for (const wait of [false, true]) {
      running = kind === "reject" && !wait ? running : await startExperiment(database.db, loop, `${kind}-${wait}`);
      if (wait) await awaiting();
      const ended = await ask({ kind }, "bob");
      assert.deepEqual(
        [ended.status, ended.outcome, ended.closed_by, ended.outcome_reason],
        ["closed", outcome, "bob", `bob says ${kind}`],
      );
      assert.equal(await champion(), "sandbox-base");
    }
  }
});

test("every command to what is over is a conflict that says who, when and what", async () => {
  await ask({ kind: "stop" }, "bob", 40);
  for (const asked of every())
    await assert.rejects(
      ask(asked),
      faultLike("conflict", /is over: stopped by bob/, { who: "bob", when: hours(40).toISOString(), what: "stopped" }),
      asked.kind,
    );
  assert.equal((await noted()).length, 2, "and none is noted");
});

test("in probation only rolling back remains: the rest hears who promoted it", async () => {
  await awaiting();
  await ask({ kind: "approve" }, "bob", 50);
  for (const asked of every().filter(({ kind }) => kind !== "pause" && kind !== "resume"))
    await assert.rejects(ask(asked, "eve"), (error: { hint?: string }) => {
      assert.ok(
        faultLike("conflict", /promoted by bob/, { who: "bob", when: hours(50).toISOString(), what: "promoted" })(
          error,
        ),
        asked.kind,
      );
      return /rollback/.test(error.hint ?? "");
    });
  assert.equal(await champion(), "candidate");
});

test("stop racing approve: one of them happens, and the other hears of it", async () => {
  await awaiting();
  const [approved, stopped] = await Promise.allSettled([ask({ kind: "approve" }, "ada"), ask({ kind: "stop" }, "bob")]);
  assert.ok((approved.status === "fulfilled") !== (stopped.status === "fulfilled"));
  assert.equal(await champion(), approved.status === "fulfilled" ? "candidate" : "sandbox-base");
  const lost = approved.status === "rejected" ? approved : (stopped as PromiseRejectedResult);
  assert.ok(faultLike("conflict", approved.status === "rejected" ? /stopped by bob/ : /promoted by ada/)(lost.reason));
});

test("extending moves the end, and the approval's deadline with it", async () => {
  const longer = await ask({ kind: "extend", by: "2 days" });
  assert.deepEqual([longer.ends_at, longer.approval_until], [hours(16 * 24), null]);
  const asked = await awaiting();
  const again = await ask({ kind: "extend", by: "1.5 hours" });
  assert.deepEqual(again.ends_at, hours(16 * 24 + 1.5));
  assert.deepEqual(again.approval_until, new Date(asked.approval_until!.getTime() + 1.5 * 3_600_000));
  assert.deepEqual((await noted())[0]!.payload, { by: "1.5 hours", endsAt: hours(16 * 24 + 1.5).toISOString() });
});

test("a time that is none is refused, and changes nothing", async () => {
  for (const by of [
    "",
    "soon",
    "2",
    "days",
    "-2 days",
    "2 fortnights",
    "0 hours",
    "1e9 days",
    "999999999999999 months",
    `${"9".repeat(400)} days`,
    "NaN hours",
    "2 days; --",
  ])
    await assert.rejects(ask({ kind: "extend", by }), faultLike("invalid", /^"by": /), by);
  assert.equal((await noted()).length, 1, "only its start is noted");
});

test("no experiment is extended beyond a year in all", async () => {
  await assert.rejects(
    ask({ kind: "extend", by: "352 days" }),
    faultLike("invalid", /^"by": 352 days more .* longer than a year/),
  );
  assert.deepEqual((await ask({ kind: "extend", by: "351 days" })).ends_at, hours(365 * 24));
  await assert.rejects(ask({ kind: "extend", by: "1 second" }), faultLike("invalid", /longer than a year/));
});

test("pausing and resuming are noted once each, and keep since when", async () => {
  assert.deepEqual((await ask({ kind: "pause" }, "ada", 50)).paused_at, hours(50));
  assert.deepEqual((await ask({ kind: "pause" }, "bob", 51)).paused_at, hours(50));
  assert.equal((await ask({ kind: "resume" })).paused_at, null);
  assert.equal((await ask({ kind: "resume" })).paused_at, null);
  assert.deepEqual(
    (await noted()).map((entry) => [entry.action, entry.actor]),
    [
      ["experiment.resume", "ada"],
      ["experiment.pause", "ada"],
      ["experiment.start", "ada"],
    ],
  );
});

test("a command to nothing, or to another loop's experiment, finds nothing", async () => {
  const other = `${loop}-other`;
  await makeLoop(database.db, other);
  const there = (id: string) =>
    database.db.withLoop(other, (tx) => command(tx, other, id, { kind: "stop", ...ASKED }, AT));
  await assert.rejects(there(running.id), faultLike("not_found", /no experiment/));
  await assert.rejects(there("'; --"), faultLike("not_found", /no experiment/));
});

test("the workflow's end after an operator's changes nothing", async () => {
  const ended = await ask({ kind: "reject" }, "bob");
  const again = await within((tx) =>
    conclude(tx, loop, running.id, { outcome: "inconclusive", verdict: HOLD, at: hours(99) }, ASKED),
  );
  assert.deepEqual(again, ended);
});

function every(): ExperimentCommand[] {
  return [
    { kind: "approve" },
    { kind: "approve", override: true },
    { kind: "reject" },
    { kind: "stop" },
    { kind: "extend", by: "1 day" },
    { kind: "pause" },
    { kind: "resume" },
  ];
}

test("a reason that no text of the database can hold is kept without what it cannot", async () => {
  const { outcome_reason: reason } = await within((tx) =>
    command(tx, loop, running.id, { kind: "stop", actor: "a\0da", reason: "bro\0ken \ud800" }, hours(50)),
  );
  assert.equal(reason, "broken \ufffd");
});

test("a paused experiment is promoted by nobody, with or without an override, until it is resumed", async () => {
  await within((tx) => look(tx, running, 1, PROMOTE));
  await ask({ kind: "pause" }, "ada", 50);
  for (const override of [false, true])
    await assert.rejects(
      ask({ kind: "approve", override }),
      faultLike("conflict", /is paused since 2026-11-05 14:00:00 UTC: nothing is promoted/),
    );
  await ask({ kind: "resume" });
  assert.equal((await ask({ kind: "approve" })).status, "probation");
});

// What a look makes of everything beside the goal: checks on record, an alert where the comparison is in doubt, guardrails that
// reject and roll back; and what is frozen of the champion for them.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Interaction } from "../../src/domain/interaction.ts";
import { openAlerts } from "../../src/store/alerts.ts";
import { championBefore } from "../../src/store/champion-before.ts";
import { command } from "../../src/store/experiment/command.ts";
import { lastLook } from "../../src/store/experiment/looks.ts";
import { type Experiment, loadExperiment } from "../../src/store/experiment/row.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { championOf } from "../../src/store/models.ts";
import { rollBack } from "../../src/store/promotions.ts";
import { ASKED, AT, hours, interactionOf, makeLoop, ratingOf, startExperiment } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { takeLook } from "./take-look.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let begun: Experiment;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
  const guardrails = { error: 0.02, slow: null, cost: null, quality: null };
  begun = await startExperiment(database.db, loop, "candidate", { share: 0.5, guardrails, minDuration: 0 });
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const look = (number: number, after: number) => takeLook(database.db, { loop, experimentId: begun.id }, number, after);
const alarms = async () =>
  (await within((tx) => openAlerts(tx, loop))).filter(({ kind }) => kind === "check_alarm").map(({ words }) => words);

interface Said {
  variant: Interaction["variant"];
  users: number;
  /** Of a user's four answers, how many have an error, and how many of the ratings are good. */
  errors?: number;
  good?: number;
  phase?: "experiment" | "probation";
}

async function say({ variant, users, errors = 0, good = 3, phase = "experiment" }: Said): Promise<void> {
  const counted = { experimentId: begun.id, phase, stratum: 0 };
  const answers = Array.from({ length: users * 4 }, (_, index) =>
    interactionOf({
      unit: `${phase} ${variant} ${Math.floor(index / 4)}`,
      variant,
      counted,
      error: index % 4 < errors ? "time-out" : null,
    }),
  );
  await within(async (tx) => {
    const ids = await recordInteractions(tx, loop, answers);
    // Every third user is a little harder to please.
    const pleased = (index: number) => index % 4 < good - (Math.floor(index / 4) % 3 === 0 ? 1 : 0);
    const ratings = ids.map((id, index) => ratingOf(id, pleased(index) ? 1 : -1));
    await recordFeedback(tx, loop, ratings, AT);
  });
}

test("a look keeps what every check came to; what is wrong with the comparison opens an alert until it is right, or over", async () => {
  await say({ variant: "champion", users: 120 });
  await say({ variant: "challenger", users: 30 });
  await look(1, 1);
  const kept = (await within((tx) => lastLook(tx, begun.id)))!.verdict as {
    checks?: { name: string; passed: boolean }[];
  };
  assert.deepEqual(
    kept.checks?.map(({ name, passed }) => `${name} ${passed}`),
    [
      "sample ratio false",
      "exposure true",
      "changes true",
      "feedback rate true",
      "guardrail: error false",
      "segments true",
    ],
  );
  // The guardrail has too few answers yet, which is nobody's fault and no alarm.
  assert.match((await alarms()).join(), /^sample ratio: 20 % of 150 users have the challenger, where 50 % should/);

  await say({ variant: "challenger", users: 118 }); // the thirty are among them
  await look(2, 2);
  assert.deepEqual(await alarms(), []);

  await say({ variant: "champion", users: 500 });
  await look(3, 3);
  assert.equal((await alarms()).length, 1);
  await within((tx) => command(tx, loop, begun.id, { kind: "stop", ...ASKED }, hours(4)));
  assert.deepEqual(await alarms(), []);
});

test("an alarm ends with the experiment that a look ends, too", async () => {
  await say({ variant: "champion", users: 200, good: 4 });
  await say({ variant: "challenger", users: 40, good: 0 });
  assert.equal((await look(1, 1)).outcome, "harmful");
  assert.deepEqual(await alarms(), []);
});

test("whom a person approves after a check has come to fail stays marked, and only an override does it", async () => {
  for (const variant of ["champion", "challenger"] as const)
    await say({ variant, users: 150, good: variant === "champion" ? 2 : 4 });
  assert.equal((await look(1, 1)).status, "awaiting_approval");
  await say({ variant: "champion", users: 900, good: 2 });
  assert.equal((await look(2, 2)).status, "awaiting_approval");
  const approve = (override: boolean) =>
    within((tx) => command(tx, loop, begun.id, { kind: "approve", override, ...ASKED }, hours(3)));
  await assert.rejects(approve(false), /a check has not passed at the last look: sample ratio/);
  assert.equal((await approve(true)).status, "probation");
  const [promotion] = await database.query("select supported from promotion where experiment_id = $1", [begun.id]);
  assert.deepEqual(promotion, { supported: false });
});

test("what nobody could approve is not said to have been approved by nobody: the end says what stood in the way, and since when", async () => {
  for (const variant of ["champion", "challenger"] as const)
    await say({ variant, users: 150, good: variant === "champion" ? 2 : 4 });
  assert.equal((await look(1, 1)).status, "awaiting_approval");
  await say({ variant: "champion", users: 900, good: 2 });
  const waiting = await look(2, 2);
  assert.match(waiting.shown.next, /^it cannot be approved now: the check of sample ratio stands in the way/);
  await look(3, 3);
  const { outcome, reason } = await look(4, 24 * 8);
  assert.equal(outcome, "approval_timed_out");
  const [{ since }] = (await database.query(
    "select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since from look where experiment_id = $1 and number = 2",
    [begun.id],
  )) as [{ since: string }];
  assert.ok(
    reason!.startsWith(`not approved: since ${since} UTC the check of sample ratio stood in the way (`),
    reason!,
  );
  assert.match(reason!, /: the champion stays$/);
});

test("a challenger that errs more is rejected by that, though people like it better", async () => {
  await say({ variant: "champion", users: 100 });
  await say({ variant: "challenger", users: 100, errors: 1, good: 4 });
  const { status, outcome, reason } = await look(1, 1);
  assert.deepEqual([status, outcome], ["closed", "harmful"]);
  assert.match(reason!, /answers with an error 25 % against 0 %/);
});

test("in probation a new champion that errs more than its standby is rolled back; one that does not is kept", async () => {
  for (const variant of ["champion", "challenger"] as const) await say({ variant, users: 20 });
  await look(1, 1);
  await within((tx) => command(tx, loop, begun.id, { kind: "approve", override: true, ...ASKED }, hours(2)));
  await say({ variant: "standby", users: 25, phase: "probation" });
  await say({ variant: "champion", users: 80, phase: "probation" });
  assert.equal((await look(2, 3)).status, "probation");
  await say({ variant: "champion", users: 200, errors: 1, phase: "probation" });
  const { status, outcome, reason } = await look(3, 4);
  assert.deepEqual([status, outcome], ["closed", "rolled_back"]);
  assert.match(reason!, /^roll back: the new champion does worse than the standby: .*with an error/);
  assert.equal((await within((tx) => loadExperiment(tx, loop, begun.id))).outcome, "rolled_back");
});

test("a new champion that looks worse by too few ratings is told of at each look, and still when probation has ended", async () => {
  for (const variant of ["champion", "challenger"] as const) await say({ variant, users: 20 });
  await look(1, 1);
  await within((tx) => command(tx, loop, begun.id, { kind: "approve", override: true, ...ASKED }, hours(2)));
  await say({ variant: "standby", users: 9, good: 5, phase: "probation" });
  await say({ variant: "champion", users: 80, good: 2, phase: "probation" });
  await look(2, 3);
  const told = async () =>
    (await within((tx) => openAlerts(tx, loop))).filter(({ kind }) => kind === "looks_worse").map(({ words }) => words);
  assert.match((await told()).join(), /^the new champion looks worse than the standby .*ratchet rollback --reason/);
  const [check] = (await within((tx) => lastLook(tx, begun.id)))!.verdict.checks!;
  assert.match(check!.words, /36 answers from 9 users of the standby/);
  assert.match(check!.words, /of the new champion and/);
  const { outcome, reason } = await look(3, 24 * 3);
  assert.equal(outcome, "promoted");
  assert.match(reason!, /^probation is over, and the new champion looks worse/);
  assert.equal((await told()).length, 1, "nobody looks any more, so it stays");
  await within((tx) => rollBack(tx, loop, ASKED, hours(24 * 4)));
  assert.deepEqual(await told(), []);
});

test("what is frozen of the champion is measured on its own answers, and a second is never slow", async () => {
  const { id: modelId } = await within((tx) => championOf(tx, loop));
  const answers = Array.from({ length: 200 }, (_, index) =>
    interactionOf({ modelId, latencyUs: index * 1000, costMicros: 250, quality: 0.9 }),
  );
  await within(async (tx) => {
    const ids = await recordInteractions(tx, loop, answers);
    await recordFeedback(
      tx,
      loop,
      ids.map((id, index) => ratingOf(id, index % 4 === 0 ? -1 : 1)),
      AT,
    );
    await recordFeedback(
      tx,
      loop,
      ids.map((id, index) => ratingOf(id, index % 10, { name: "effort" })),
      AT,
    );
  });
  const measured = (primary: string) => within((tx) => championBefore(tx, loop, primary, hours(1)));
  assert.deepEqual(await measured("approval"), { value: 0.75, slowAbove: 1_000_000, costPerInteraction: 250 });
  assert.equal(((await measured("quality")).value as number).toFixed(6), "0.900000");
  assert.equal((await measured("effort")).value, 4.5);
  assert.equal((await measured("nothing")).value, null);
});

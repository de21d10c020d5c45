// Automatic promotion where few answers are rated: a person is asked, since silence might have made the lead; once the thumbs for
// each answer show it by themselves, a later look promotes without anybody.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lastLook } from "../../src/store/experiment/looks.ts";
import { type Experiment, loadExperiment } from "../../src/store/experiment/row.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { AT, hours, interactionOf, makeLoop, ratingOf, startExperiment } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { takeLook } from "./take-look.ts";

const LOOP = "asks-first";
const DAY = 24;
let database: TestDatabase;
let begun: Experiment;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, LOOP);
  const guardrails = { error: 0.02, slow: null, cost: null, quality: null };
  const parameters = { share: 0.5, guardrails, minDuration: 0, promotion: "automatic" } as const;
  begun = await startExperiment(database.db, LOOP, "candidate", parameters);
});
after(() => database.drop());

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(LOOP, work);
const look = (number: number, after: number) =>
  takeLook(database.db, { loop: LOOP, experimentId: begun.id }, number, after);
const row = () => within((tx) => loadExperiment(tx, LOOP, begun.id));
const feedbackRate = async () => {
  const { verdict } = (await within((tx) => lastLook(tx, begun.id)))!;
  const checks = verdict.checks as { name: string; passed: boolean; words: string }[];
  return { kind: verdict.kind, ...checks.find(({ name }) => name === "feedback rate")! };
};

/** Of a user's four answers, how many are good: half of the champion's, and seven of eight of the challenger's. */
const GOOD = { champion: [1, 2, 3, 2], challenger: [4, 3, 4, 3] };

/** Users of both sides, with four answers each; one user in `oneIn` rates all of them, the others none. */
async function meetBoth(who: string, users: number, oneIn: number): Promise<void> {
  for (const variant of ["champion", "challenger"] as const) {
    const counted = { experimentId: begun.id, phase: "experiment", stratum: 0 } as const;
    const answers = Array.from({ length: users * 4 }, (_, index) =>
      interactionOf({ unit: `${who} ${variant} ${Math.floor(index / 4)}`, variant, counted }),
    );
    const ids = await within((tx) => recordInteractions(tx, LOOP, answers));
    const ratings = ids.flatMap((id, index) => {
      const user = Math.floor(index / 4);
      const good = GOOD[variant][(user / oneIn) % 4];
      return good === undefined ? [] : [ratingOf(id, index % 4 < good ? 1 : -1)];
    });
    await within((tx) => recordFeedback(tx, LOOP, ratings, AT));
  }
}

/** Whether the alert that a person is wanted is open; none when there never was one. */
const wanted = () =>
  database.query("select closed_at is null as open from alert where kind = 'approval_wanted' and subject = $1", [
    `experiment/${begun.id}`,
  ]);

test("where few answers are rated a person is asked, though promotions are automatic", async () => {
  await meetBoth("silent", 160, 4);
  assert.equal((await look(1, 1 * DAY)).status, "awaiting_approval");
  const { kind, passed, words } = await feedbackRate();
  assert.deepEqual([kind, passed], ["promote", false]);
  assert.match(words, /25 ratings for 100 answers .* does not rule it out yet/);
  assert.deepEqual((await row()).approval_until, hours(14 * DAY), "as long as the experiment itself has");
  assert.deepEqual(await wanted(), [{ open: true }], "nobody waits for the question, so an alert tells of it");
});

test("as long as nothing more is said, looks go on asking", async () => {
  assert.equal((await look(2, 2 * DAY)).status, "awaiting_approval");
  assert.deepEqual((await row()).approval_until, hours(14 * DAY), "asking again gives nobody more time");
});

test("once thumbs for each answer show it by themselves, the next look promotes without anybody", async () => {
  await meetBoth("telling", 200, 1);
  assert.equal((await look(3, 3 * DAY)).status, "probation");
  assert.equal((await feedbackRate()).passed, true);
  const { approval_until: until, probation_until: probation, status } = await row();
  assert.deepEqual([status, until, probation], ["probation", null, hours(5 * DAY)]);
  assert.deepEqual(await wanted(), [{ open: false }]);
});

test("the record says that the loop itself asked, and that the loop itself promoted, on the evidence", async () => {
  const entries = await database.query("select action, actor, at from audit where subject = $1 order by sequence", [
    `experiment/${begun.id}`,
  ]);
  assert.deepEqual(entries.slice(1), [
    { action: "experiment.await_approval", actor: "ratchet", at: hours(1 * DAY) },
    { action: "experiment.promote", actor: "ratchet", at: hours(3 * DAY) },
  ]);
  const promotions = await database.query(
    "select actor, supported, verdict ->> 'kind' as verdict from promotion where experiment_id = $1",
    [begun.id],
  );
  assert.deepEqual(promotions, [{ actor: "ratchet", supported: true, verdict: "promote" }]);
});

// A challenger that does harm from the first answer on, in skipped time: two looks know too little to say so, the third stops it,
// and from that instant nobody is sent to it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { assign, type RoutingDocument } from "../../src/evidence/assignment.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { readRouting } from "../../src/store/routing.ts";
import { interactionOf, ratingOf } from "../store/loop-fixture.ts";
import { timeSkippingEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK, type Row } from "./loop-life.ts";

const LOOP = "harm";
/** Of four answers, how many are good, from user to user: three of the champion's, hardly more than two of the challenger's. */
const GOOD = { champion: [4, 3, 2, 3], challenger: [3, 2, 2, 2] };

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
let id: string;
/** Users who met a side so far. */
const met: Record<"champion" | "challenger", string[]> = { champion: [], challenger: [] };
/** How it stood as each look was done, before its workflow had heard of it. */
const facts: { row: Row; looks: Row[]; routing: RoutingDocument }[] = [];
const rememberLooks: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    async execute(input, next) {
      const result = await next(input);
      if (info.activityType === "look") await remember();
      return result;
    },
  },
});
before(async () => {
  environment = await timeSkippingEnvironment();
  world = await openWorld(environment, { interceptors: [rememberLooks] });
  life = loopLife(world);
  await liveThroughThreeLooks();
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

/** Looks come every half hour; what is done between them is done a quarter of an hour after one: see experiment-ends.test.ts. */
async function liveThroughThreeLooks(): Promise<void> {
  await world.applyLoop({ name: LOOP, ...QUICK, experiment: { share: 0.5 } });
  id = await life.underExperiment(LOOP);
  await meet(10);
  await environment.sleep("45 minutes");
  await meet(10);
  await environment.sleep("30 minutes");
  await meet(80);
  await environment.sleep("30 minutes");
}

const now = async () => new Date(await environment.currentTimeMs());
const routed = async () => {
  const at = await now();
  return world.database.db.withLoop(LOOP, (tx) => readRouting(tx, LOOP, at));
};

/** So many more users on each side, whom the routing sends there, with four answers each; all are rated. */
async function meet(users: number): Promise<void> {
  const [routing, at] = [await routed(), await now()];
  const wanted = { champion: met.champion.length + users, challenger: met.challenger.length + users };
  for (let n = 0; n < 10_000; n++) {
    const unit = `user:${facts.length}-${n}`;
    const { variant, model, experiment, phase, stratum } = assign(routing, unit, at);
    if (variant === "standby" || met[variant].length === wanted[variant]) continue;
    const good = GOOD[variant][met[variant].length % 4]!;
    met[variant].push(unit);
    const counted = { experimentId: experiment!, phase: phase!, stratum: stratum! };
    const said = interactionOf({ at, unit, variant, modelId: model.id, modelName: model.name, counted });
    const { db } = world.database;
    const ids = await db.withLoop(LOOP, (tx) => recordInteractions(tx, LOOP, [said, said, said, said]));
    const ratings = ids.map((answer, index) => ratingOf(answer, index < good ? 1 : -1));
    await db.withLoop(LOOP, (tx) => recordFeedback(tx, LOOP, ratings, at));
    if (met.champion.length === wanted.champion && met.challenger.length === wanted.challenger) return;
  }
  assert.fail("the routing sends nobody to one of the sides");
}

async function remember(): Promise<void> {
  const row = await life.only("select status, outcome, closed_at, closed_by from experiment where id = $1", id);
  const looks = await life.query(
    `select at, verdict->>'kind' as kind, verdict->>'because' as because, (verdict->'numbers'->>'logEHarm')::float8 as evidence,
       (verdict->'numbers'->'users'->>'challenger')::int as users
     from look where experiment_id = $1 order by number`,
    [id],
  );
  facts.push({ row, looks, routing: await routed() });
}

/** What an e-value must reach to decide, as its logarithm. */
const ENOUGH = Math.log(1 / 0.05);

test("the first two looks hold: harm shows in the second already, and is not proven", () => {
  for (const [index, { row, looks, routing }] of facts.slice(0, 2).entries()) {
    assert.equal(row.status, "running");
    assert.deepEqual(
      looks.map(({ kind }) => kind),
      Array(index + 1).fill("hold"),
    );
    assert.equal(routing.experiment?.id, id, "the challenger goes on meeting people");
  }
  const [first, second] = facts[1]!.looks;
  assert.deepEqual([first!.users, second!.users], [10, 20]);
  const evidence = second!.evidence as number;
  assert.ok(evidence > (first!.evidence as number) && evidence < ENOUGH, `ln e = ${evidence}`);
});

test("the third look rejects it as harmful, and closes the experiment at that instant", async () => {
  assert.equal(facts.length, 3);
  const { row, looks } = facts[2]!;
  const third = looks[2]!;
  assert.deepEqual([third.kind, third.because], ["reject", "harm"]);
  assert.ok((third.evidence as number) >= ENOUGH);
  assert.deepEqual(row, { status: "closed", outcome: "harmful", closed_at: third.at, closed_by: "ratchet" });
  const { outcome } = (await life.experimentHandle(id).result()) as { outcome: string };
  assert.equal(outcome, "harmful");
  assert.deepEqual(await life.audited(`experiment/${id}`), [
    "experiment.start by ratchet",
    "experiment.harmful by ratchet",
  ]);
});

test("from that instant the routing names no challenger, and everybody who met it has the champion", () => {
  const [before, after] = [facts[1]!.routing, facts[2]!.routing];
  assert.equal(after.experiment, null);
  assert.equal(after.probation, null);
  assert.equal(after.version, before.version + 1, "servers see that it has changed");
  assert.deepEqual(after.champion, before.champion);
  assert.equal(met.challenger.length, 100);
  for (const unit of met.challenger) {
    const { variant, model } = assign(after, unit, Date.parse(after.expires_at) - 1);
    assert.deepEqual([variant, model], ["champion", before.champion]);
  }
});

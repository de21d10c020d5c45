// Ramps in skipped time: one that opens its phases and is promoted, and one that harm keeps in its first phase. Both begin
// first; then the days pass once for both.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { hashPoints, unitOf } from "../../src/evidence/assignment.ts";
import { timeSkippingEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK, type Row } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
const ids: Record<string, string> = {};
const facts: Record<string, Row> = {};
before(async () => {
  environment = await timeSkippingEnvironment();
  world = await openWorld(environment);
  life = loopLife(world);
  await liveThroughBoth();
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const RAMPED = {
  ...QUICK,
  experiment: {
    ramp: [{ share: 0.1 }, { share: 0.25, from: "12 hours" }, { share: 0.5, from: "24 hours" }],
    lookEvery: "4 hours",
    testAccounts: [{ user_id: "tester", variant: "challenger" }],
  },
  promotion: { mode: "automatic" },
};
const BETTER = { champion: 0.5, challenger: 0.9 };
const WORSE = { champion: 0.9, challenger: 0.1 };

const settled = (loop: string) =>
  life.experimentHandle(ids[loop]!).result() as Promise<{ outcome: string; reason: string }>;

async function liveThroughBoth(): Promise<void> {
  for (const loop of ["climbs", "stays"]) {
    await world.applyLoop({ name: loop, ...RAMPED });
    ids[loop] = await life.underExperiment(loop);
  }
  await world.tryOut("climbs", { users: 1000, seed: 11, approval: BETTER });
  // So few meet the challenger that it cannot be rejected yet, however bad it is.
  await world.tryOut("stays", { users: 100, seed: seedOfFew(ids.stays!), approval: WORSE });
  // Always between two looks: see experiment-ends.test.ts.
  await environment.sleep("14 hours");
  await remember("after 14 hours");
  await world.tryOut("climbs", { users: 400, seed: 12, approval: BETTER });
  await environment.sleep("12 hours");
  await remember("after 26 hours");
  await world.tryOut("climbs", { users: 400, seed: 13, approval: BETTER });
  await world.tryOut("stays", { users: 1000, seed: 14, approval: WORSE });
}

/** A seed of `tryOut` by which eight to twelve of a hundred users meet the challenger in the first phase, and as many count with the champion. */
function seedOfFew(salt: string): number {
  const fits = (count: number) => count >= 8 && count <= 12;
  for (let seed = 100; ; seed++) {
    const points = Array.from({ length: 100 }, (_, n) => hashPoints(salt, unitOf({ user: `user-${seed}-${n}` })!));
    const entered = points.filter(({ e }) => e < 0.2);
    const met = entered.filter(({ u }) => u < 0.5).length;
    if (fits(met) && fits(entered.length - met)) return seed;
  }
}

async function remember(moment: string): Promise<void> {
  for (const loop of ["climbs", "stays"])
    facts[`${loop} ${moment}`] = await life.only(
      `select phases_open as open, status, look.ramp->>'kind' as step, look.ramp->>'words' as words, look.verdict->>'kind' as verdict
       from experiment join look on look.experiment_id = experiment.id
       where experiment.id = $1 order by look.number desc limit 1`,
      ids[loop],
    );
}

test("a ramp opens each phase at the first look after its time, and promotes on what all phases say together", async () => {
  assert.equal(facts["climbs after 14 hours"]!.open, 2);
  assert.equal(facts["climbs after 26 hours"]!.open, 3);
  const { outcome, reason } = await settled("climbs");
  assert.equal(outcome, "promoted", reason);
  const steps = await life.query(
    `select action, extract(epoch from audit.at - started_at)::float8 / 3600 as hours
     from audit join experiment on subject = 'experiment/' || experiment.id where experiment.id = $1 order by sequence`,
    [ids.climbs],
  );
  assert.deepEqual(
    steps.map(({ action }) => action),
    ["start", "ramp", "ramp", "promote", "promoted"].map((what) => `experiment.${what}`),
  );
  for (const [index, from] of [0, 12, 24, 48].entries()) {
    const hours = steps[index]!.hours as number;
    assert.ok(hours >= from && hours < from + 4.1, `${steps[index]!.action} after ${hours} hours, ${from} wanted`);
  }
  const strata = await life.query(
    "select distinct stratum from interaction where experiment_id = $1 and phase = 'experiment' order by stratum",
    [ids.climbs],
  );
  assert.deepEqual(
    strata.map(({ stratum }) => stratum),
    [0, 1, 2],
    "people of every phase count",
  );
});

test("the test accounts of a cycle's experiment are frozen with it, by their points", async () => {
  for (const id of Object.values(ids)) {
    const { frozen } = await life.only("select parameters->'testAccounts' as frozen from experiment where id = $1", id);
    assert.deepEqual(frozen, [{ ...hashPoints(id, "user:tester"), variant: "challenger" }]);
  }
});

test("a harmful challenger never gets past the first phase, also while too few have met it to reject it", async () => {
  for (const moment of ["after 14 hours", "after 26 hours"]) {
    const { words, ...then } = facts[`stays ${moment}`]!;
    assert.deepEqual(then, { open: 1, status: "running", step: "wait", verdict: "hold" }, moment);
    assert.match(words as string, /^phase 2 of 3 \(25 % of the users\) waits: so far the challenger looks worse/);
  }
  const { outcome, reason } = await settled("stays");
  assert.equal(outcome, "harmful", reason);
  const { open, hours } = await life.only(
    "select phases_open as open, extract(epoch from closed_at - started_at)::float8 / 3600 as hours from experiment where id = $1",
    ids.stays,
  );
  assert.equal(open, 1);
  assert.ok((hours as number) < 26 + 4.1 + 1, `stopped by the first look that could: after ${hours} hours`);
  assert.deepEqual(
    (await life.audited(`experiment/${ids.stays}`)).map((entry) => entry.replace(/ by .*/, "")),
    ["experiment.start", "experiment.harmful"],
  );
});

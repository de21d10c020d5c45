import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Feedback } from "../../../src/domain/feedback.ts";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { pick, seededRandom, shuffled } from "../../../src/sandbox/seeded-random.ts";
import { collect } from "../../../src/store/collect.ts";
import { compareTallies, isRight } from "../../../src/store/experiment/compare-tallies.ts";
import { conclude } from "../../../src/store/experiment/lifecycle.ts";
import { rebuildTallies } from "../../../src/store/experiment/rebuild-tallies.ts";
import { readCrossed, readTallies } from "../../../src/store/experiment/tallies.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { ASKED, AT, hours, interactionOf, makeLoop, ratingOf, startExperiment, warmUp } from "../loop-fixture.ts";
import { keptSums, recount } from "./recount.ts";

const LOOP = "storm";
const WRITERS = 8;
let database: TestDatabase;
let experiments: string[];
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
  await makeLoop(database.db, LOOP);
  const first = await startExperiment(database.db, LOOP, "first");
  await database.db.withLoop(LOOP, (tx) => conclude(tx, LOOP, first.id, { outcome: "stopped", at: AT }, ASKED));
  experiments = [first.id, (await startExperiment(database.db, LOOP, "second")).id]; // the second knows no slowness and no tone
  const frozen = { slowAbove: 1_500_000, metrics: [{ name: "tone" }] };
  await database.query("update experiment set parameters = parameters || $1 where id = $2", [frozen, first.id]);
});
after(() => database.drop());

type Operation = { interaction: Interaction } | { rating: Feedback };
const ids = new Map<string, string>(); // ours, by the client's, as they become known

/** People of few units who talk a lot; ratings by many, changed, withdrawn, repeated, early, and under both names. */
function operations(count: number, seed: number): Operation[] {
  const random = seededRandom(seed);
  const talks = Array.from({ length: count / 5 }, (_, index) => talk(index, random));
  const ratings = Array.from({ length: count - talks.length * 1.25 }, (_, index) =>
    rating(pick(talks, random), index, random),
  );
  const repeats = Array.from({ length: talks.length / 4 }, () => pick(talks, random));
  return shuffled([...talks, ...repeats, ...ratings], random);
}

function talk(index: number, random: () => number): { interaction: Interaction } {
  const unit = `unit-${Math.floor(random() ** 2 * 25)}`; // a few talk much more than ten times
  const home = unit.length % 2 === 0 ? "challenger" : "champion";
  const away = home === "champion" ? "challenger" : "champion";
  const phase = unit < "unit-2" ? "experiment" : "probation";
  const stratum = Number(unit.at(-1)) % 2;
  // Hardly anybody changes sides, or entries; some of those that do are met again, so most that they gave is there already.
  const strays = unit.endsWith("7") && random() < 0.05;
  const counted = {
    experimentId: pick(experiments, random),
    phase,
    stratum: strays ? pick([0, 1], random) : stratum,
  } as const;
  const interaction = interactionOf({
    clientId: `talk-${index}`,
    at: hours(Math.floor(random() * 72)),
    unit: random() < 0.05 ? null : unit,
    variant: strays && random() < 0.7 ? away : home,
    actionType: random() < 0.2 ? null : pick(["alarm", "todo", "music"], random),
    counted: random() < 0.1 ? null : counted,
    error: random() < 0.1 ? "champion failed: no answer" : null,
    latencyUs: random() < 0.1 ? null : Math.floor(random() * 2_000_000),
    costMicros: random() < 0.5 ? null : Math.floor(random() * 20_000),
    quality: random() < 0.5 ? null : Math.floor(random() * 1000) / 1000,
  });
  return { interaction };
}

function rating(about: { interaction: Interaction }, index: number, random: () => number): { rating: Feedback } {
  const { clientId, unit } = about.interaction;
  const more = {
    name: pick(["thumb", "thumb", "thumb", "thumb", "tone", "other"], random),
    rater: pick([unit ?? "", "", "another", "Zoë", "_"], random),
    actionType: random() < 0.2 ? "said" : null,
    revision: random() < 0.3 ? Math.floor(random() * 4) : null,
    eventId: random() < 0.3 ? `event-${Math.floor(random() * (index / 2 + 1))}` : null,
  };
  return { rating: ratingOf(clientId!, pick([1, 1, 1, -1, -1, 3, 0, 0.25, 1e12, null, "fine"], random), more) };
}

async function perform(batch: readonly Operation[], ours: boolean): Promise<void> {
  const interactions = batch.flatMap((operation) => ("interaction" in operation ? [operation.interaction] : []));
  const ratings = batch.flatMap((operation) => ("rating" in operation ? [operation.rating] : []));
  const named = ratings.map((given) =>
    ours ? { ...given, interaction: ids.get(given.interaction) ?? given.interaction } : given,
  );
  const recorded = await database.db.withLoop(LOOP, (tx) => recordInteractions(tx, LOOP, interactions));
  interactions.forEach((interaction, index) => void ids.set(interaction.clientId!, recorded[index]!));
  await database.db.withLoop(LOOP, (tx) => recordFeedback(tx, LOOP, named, AT));
}

test("after 2,000 operations by eight at once, in any order, every sum equals a recount from the raw rows", async () => {
  const random = seededRandom(2);
  const rest = operations(2_000, 1);
  const next = () => rest.splice(0, 1 + Math.floor(random() * 8));
  const errors: unknown[] = [];
  const writer = async () => {
    for (let batch = next(); batch.length > 0; batch = next())
      await perform(batch, random() < 0.5).catch((error) => errors.push(error));
  };
  const pulses = async () => {
    for (let pulse = 1; rest.length > 0; pulse++) {
      const asOf = hours(Math.min(pulse, 12) * 24 * 30 + pulse); // a year of new months in the middle of it
      await collect(database.db, LOOP, asOf).catch((error) => errors.push(error));
      await setTimeout(50);
    }
  };
  const rebuilds = async () => {
    for (let number = 0; rest.length > 0; number++) {
      const id = experiments[number % experiments.length]!;
      await database.db.withLoop(LOOP, (tx) => rebuildTallies(tx, LOOP, id)).catch((error) => errors.push(error));
      await setTimeout(300);
    }
  };
  let compared = 0;
  const comparisons = async () => {
    for (; rest.length > 0; compared++) {
      const id = experiments[compared % experiments.length]!;
      const found = await database.db.withLoop(LOOP, (tx) => compareTallies(tx, LOOP, id));
      if (!isRight(found)) errors.push(found);
      await setTimeout(100);
    }
  };
  await Promise.all([...Array.from({ length: WRITERS }, writer), pulses(), rebuilds(), comparisons()]);
  assert.deepEqual(errors, [], "nobody may stand in anybody's way for good, and at no instant is a tally wrong");
  assert.ok(compared > 1);
  const expected = await recount(database, LOOP);
  const busy = Object.entries(expected.units).filter(([key, { k }]) => key.endsWith("/approval") && k === 10).length;
  const metrics = new Set(Object.keys(expected.variants).map((key) => key.split("/").slice(2, -2).join("/")));
  assert.ok(busy > 3 && Object.keys(expected.rollup).length > 10, "the storm is one");
  assert.deepEqual([...metrics].filter((metric) => !metric.startsWith("approval/")).sort(), [
    "approval",
    "cost",
    "error",
    "feedback:tone",
    "quality",
    "rated",
    "slow",
  ]);
  assert.deepEqual(await keptSums(database, LOOP), expected);
});

test("who met both variants is in no tally that a look reads, and is counted", async () => {
  const { variants } = await recount(database, LOOP);
  let found = 0;
  for (const experimentId of experiments)
    for (const phase of ["experiment", "probation"] as const) {
      const rated = Object.entries(variants).filter(([key]) => key.startsWith(`${experimentId}/${phase}/rated/`));
      const users = (wanted: (key: string) => boolean) =>
        rated.filter(([key]) => wanted(key)).reduce((sum, [, tally]) => sum + tally.users, 0);
      const crossed = await database.db.withLoop(LOOP, (tx) => readCrossed(tx, experimentId, phase));
      assert.deepEqual(crossed, { crossed: users((key) => key.includes("/crossed/")), units: users(() => true) });
      const read = await database.db.withLoop(LOOP, (tx) => readTallies(tx, experimentId, phase));
      const exposed = read.filter(({ metric }) => metric === "rated").reduce((sum, { users }) => sum + users, 0);
      assert.equal(exposed, crossed.units - crossed.crossed);
      found += crossed.crossed;
    }
  assert.ok(found > 1, `${found} crossed`);
});

test("tallies that are built anew are those that were kept, and replace any that are not", async () => {
  const kept = await keptSums(database, LOOP);
  const rebuild = async () => {
    for (const id of experiments) await database.db.withLoop(LOOP, (tx) => rebuildTallies(tx, LOOP, id));
  };
  await rebuild();
  assert.deepEqual(await keptSums(database, LOOP), kept);
  await database.query("update unit_tally set k = k + 1, variant = 'standby' where unit < 'unit-2'");
  await database.query("update variant_tally set sum_yk = sum_yk - 1");
  await database.query("delete from unit_tally where metric = 'rated' and unit > 'unit-3'");
  assert.notDeepEqual(await keptSums(database, LOOP), kept);
  await rebuild();
  assert.deepEqual(await keptSums(database, LOOP), kept);
});

test("through all of it each row was seen by one pulse, and counted by it", async () => {
  await collect(database.db, LOOP, hours(1_000_000));
  const [seen] = await database.query(
    "select sum(interactions)::int as interactions, sum(feedback)::int as feedback from pulse where loop = $1",
    [LOOP],
  );
  for (const [table, total] of Object.entries(seen!)) {
    const [rows] = await database.query(
      `select count(*)::int as all, count(pulse)::int as seen from ${table.replace("interactions", "interaction")}`,
    );
    assert.deepEqual(rows, { all: total, seen: total });
  }
});

test("the same revisions in any order, whole or in pieces, come to the same sums", async () => {
  const outcomes = [];
  for (const seed of [11, 12, 13]) {
    const loop = `ordered-${seed}`;
    await makeLoop(database.db, loop);
    const { id: experimentId } = await startExperiment(database.db, loop, "candidate");
    const random = seededRandom(5); // the same people say the same
    const talks = Array.from({ length: 30 }, (_, index) =>
      interactionOf({
        clientId: `talk-${index}`,
        at: hours(index),
        unit: `unit-${index % 10}`,
        actionType: index % 4 === 0 ? null : "todo",
        counted: { experimentId, phase: "experiment", stratum: index % 2 },
      }),
    );
    const ratings = Array.from({ length: 240 }, (_, revision) =>
      ratingOf(pick(talks, random).clientId!, pick([1, 1, -1, null, 0, "fine"], random), {
        rater: pick(["", "another", "third"], random),
        actionType: pick([null, "said", "also said"], random),
        revision,
        eventId: `event-${revision}`,
      }),
    );
    const order = seededRandom(seed);
    const operations = shuffled([...talks, ...ratings, ...ratings.slice(0, 60)], order);
    while (operations.length > 0) {
      const batch = operations.splice(0, 1 + Math.floor(order() * 40));
      const said = batch.filter((operation) => "clientId" in operation);
      await database.db.withLoop(loop, (tx) => recordInteractions(tx, loop, said));
      await database.db.withLoop(loop, (tx) =>
        recordFeedback(
          tx,
          loop,
          batch.filter((operation) => "rater" in operation),
          AT,
        ),
      );
    }
    const { rollup, units, variants } = await keptSums(database, loop);
    outcomes.push(JSON.parse(JSON.stringify({ rollup, units, variants }).replaceAll(experimentId, "the experiment")));
  }
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
  assert.ok(Object.keys(outcomes[0].units).length > 5);
});

test("every rating withdrawn leaves nothing behind, to the last number", async () => {
  const all = await database.query(
    "select interaction_id as interaction, name, rater from rating where loop = $1 order by feedback_id",
    [LOOP],
  );
  const ratings = all.map((row) =>
    ratingOf(row.interaction as string, null, {
      name: row.name as string,
      rater: row.rater as string,
      revision: 1_000,
    }),
  );
  while (ratings.length > 0) {
    const batch = ratings.splice(0, 200);
    await database.db.withLoop(LOOP, (tx) => recordFeedback(tx, LOOP, batch, AT));
  }
  const { rollup, units, variants } = await keptSums(database, LOOP);
  const ofRatings = (key: string) => /\/(approval|feedback)/.test(key);
  assert.deepEqual(rollup, {});
  assert.deepEqual([...Object.keys(units), ...Object.keys(variants)].filter(ofRatings), []);
  const exposed = Object.entries(variants).filter(([key]) => key.includes("/rated/"));
  assert.ok(exposed.length > 6 && exposed.every(([, { sumY, sumYY, sumYK }]) => sumY + sumYY + sumYK === 0));
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Feedback } from "../../../src/domain/feedback.ts";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { pick, seededRandom, shuffled } from "../../../src/sandbox/seeded-random.ts";
import { conclude } from "../../../src/store/experiment/lifecycle.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { collect } from "../../../src/store/pulses.ts";
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
  experiments = [first.id, (await startExperiment(database.db, LOOP, "second")).id];
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
  const side = unit.length % 2 === 0 ? "challenger" : "champion"; // nobody changes sides
  const phase = unit < "unit-2" ? "experiment" : "probation";
  const counted = { experimentId: pick(experiments, random), phase, stratum: Number(unit.at(-1)) % 2 } as const;
  const interaction = interactionOf({
    clientId: `talk-${index}`,
    at: hours(Math.floor(random() * 72)),
    unit: random() < 0.05 ? null : unit,
    variant: side,
    actionType: random() < 0.2 ? null : pick(["alarm", "todo", "music"], random),
    counted: random() < 0.1 ? null : counted,
  });
  return { interaction };
}

function rating(about: { interaction: Interaction }, index: number, random: () => number): { rating: Feedback } {
  const { clientId, unit } = about.interaction;
  const more = {
    name: random() < 0.1 ? "tone" : "thumb",
    rater: pick([unit ?? "", "", "another", "Zoë", "_"], random),
    actionType: random() < 0.2 ? "said" : null,
    revision: random() < 0.3 ? Math.floor(random() * 4) : null,
    eventId: random() < 0.3 ? `event-${Math.floor(random() * (index / 2 + 1))}` : null,
  };
  return { rating: ratingOf(clientId!, pick([1, 1, 1, -1, -1, 3, 0, null, "fine"], random), more) };
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
      await database.db.withLoop(LOOP, (tx) => collect(tx, LOOP, asOf)).catch((error) => errors.push(error));
      await setTimeout(50);
    }
  };
  await Promise.all([...Array.from({ length: WRITERS }, writer), pulses()]);
  assert.deepEqual(errors, [], "nobody may stand in anybody's way for good");
  const expected = await recount(database, LOOP);
  const busy = Object.values(expected.units).filter(({ k }) => k === 10).length;
  assert.ok(
    busy > 3 && Object.keys(expected.rollup).length > 10 && Object.keys(expected.variants).length > 6,
    "the storm is one",
  );
  assert.deepEqual(await keptSums(database, LOOP), expected);
});

test("through all of it each row was seen by one pulse, and counted by it", async () => {
  await database.db.withLoop(LOOP, (tx) => collect(tx, LOOP, hours(1_000_000)));
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
  assert.deepEqual({ rollup, units, variants }, { rollup: {}, units: {}, variants: {} });
});

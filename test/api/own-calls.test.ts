// An application that asks models by itself: it assigns by the routing document, and what it records counts as the gateway's does.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assign, type RoutingDocument, unitOf } from "../../src/evidence/assignment.ts";
import { readTallies } from "../../src/store/experiment/tallies.ts";
import { addCandidate } from "../store/loop-fixture.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

let world: ApiWorld;
let routing: RoutingDocument;
let experiment: string;
before(async () => {
  world = await openApiWorld();
  await world.loop({
    name: "shop",
    experiment: { share: 0.5, testAccounts: [{ user_id: "tester", variant: "challenger" }] },
  });
  const { name } = await world.database.db.withLoop("shop", (tx) => addCandidate(tx, "shop", "shop-v1"));
  const begun = await world.ask("POST", "/api/loops/shop/experiments", { body: { model: name, reason: "a test" } });
  experiment = begun.json.id;
  routing = (await world.ask("GET", "/api/loops/shop/routing")).json;
});
after(() => world.close());

const said = { messages: [{ role: "user", content: "wake me at seven" }], response: "done" };
const sideOf = (user: string) => assign(routing, unitOf({ user }), world.now).variant;
async function record(items: Record<string, unknown>[]): Promise<string[]> {
  const body = items.map((item) => ({ ...said, ...item }));
  const { status, json } = await world.ask("POST", "/api/interactions?loop=shop", { body });
  assert.equal(status, 201, JSON.stringify(json));
  return json.data.map(({ id }: { id: string }) => id);
}
const tallies = async () =>
  Object.fromEntries(
    (await world.database.db.withLoop("shop", (tx) => readTallies(tx, experiment, "experiment"))).map(
      ({ metric, variant, users, sumY, sumK }) => [`${metric} ${variant}`, [users, sumY, sumK]],
    ),
  );
const countedIn = (ids: string[]) =>
  world.database.query(
    "select experiment_id is not null as counted, model_id is not null as known, variant from interaction where id = any($1::uuid[]) order by id",
    [ids],
  );

test("quality, cost, errors and ratings of such calls are in the tallies, each on its side", async () => {
  const users = Array.from({ length: 40 }, (_, number) => `user-${number}`);
  const items = users.map((user, number) => ({
    id: `call-${number}`,
    user_id: user,
    variant: sideOf(user),
    quality: sideOf(user) === "challenger" ? 0.75 : 0.5,
    cost_usd: 0.001,
    error: number === 0 ? "time-out" : null,
  }));
  await record(items);
  await record(items.slice(0, 3)); // a repeat changes nothing
  const challenger = users.filter((user) => sideOf(user) === "challenger").length;
  assert.ok(challenger > 10 && challenger < 30, `${challenger} of 40`);
  const found = await tallies();
  assert.deepEqual(found["quality challenger"], [challenger, 0.75 * challenger, challenger]);
  assert.deepEqual(found["quality champion"], [40 - challenger, 0.5 * (40 - challenger), 40 - challenger]);
  assert.deepEqual(found["cost challenger"], [challenger, 1000 * challenger, challenger]);
  assert.equal(found["error champion"]![1]! + found["error challenger"]![1]!, 1);
  const rated = await world.ask("POST", "/api/feedback?loop=shop", {
    body: { interaction_id: "call-1", user_id: "user-1", value: 1 },
  });
  assert.ok(rated.status < 300, rated.text);
  assert.deepEqual((await tallies())[`approval ${sideOf("user-1")}`], [1, 1, 1]);
});

test("a client that assigns otherwise than it should is counted as it served, so that the exposure check finds it", async () => {
  const [user, other] = ["stray", sideOf("stray") === "champion" ? "challenger" : "champion"];
  await record([
    { user_id: user, variant: sideOf(user) },
    { user_id: user, variant: other },
  ]);
  const [crossed] = await world.database.query(
    "select users from variant_tally where experiment_id = $1 and metric = 'rated' and variant = 'crossed'",
    [experiment],
  );
  assert.equal(Number(crossed!.users), 1);
});

test("nothing counts that does not say who answered, was said before, has no unit, or is a test account's", async () => {
  const before = new Date(world.now - 3_600_000).toISOString();
  const ids = await record([
    { user_id: "a" },
    { user_id: "b", variant: sideOf("b"), at: before },
    { variant: "champion" },
    { user_id: "tester", variant: "challenger" },
    { user_id: "c", variant: "standby" },
  ]);
  assert.deepEqual(await countedIn(ids), [
    { counted: false, known: false, variant: "champion" },
    { counted: false, known: true, variant: sideOf("b") },
    { counted: false, known: true, variant: "champion" },
    { counted: false, known: true, variant: "challenger" },
    { counted: false, known: false, variant: "standby" },
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { repertoire } from "../../src/demo/repertoire.ts";
import { CROWD, opinion, simulatedUsers, visitLength, visitor } from "../../src/demo/simulated-user.ts";
import { seededRandom } from "../../src/sandbox/seeded-random.ts";

const DRAWS = 20_000;
const shareOf = <Item>(items: readonly Item[], wanted: (item: Item) => boolean) =>
  items.filter(wanted).length / items.length;

test("most answers are not rated, and the rates are the crowd's", () => {
  const random = seededRandom(1);
  const users = simulatedUsers(CROWD, random);
  const opinions = Array.from({ length: DRAWS }, () => opinion(visitor(users, random), "alarm", "alarm", random));
  const rated = opinions.filter((value) => value !== null);
  assert.ok(Math.abs(rated.length / DRAWS - CROWD.rates) < 0.02, `${rated.length / DRAWS}`);
  assert.ok(Math.abs(shareOf(rated, (value) => value === -1) - CROWD.errs) < 0.01);
});

test("a wrong answer is rated down, but for the same slips of the thumb", () => {
  const random = seededRandom(2);
  const user = { id: "user-1", rates: 1, errs: 0.05 };
  const opinions = Array.from({ length: DRAWS }, () => opinion(user, "alarm", "timer", random));
  assert.ok(Math.abs(shareOf(opinions, (value) => value === 1) - 0.05) < 0.01);
  assert.equal(opinion({ ...user, errs: 0 }, "alarm", null, random), -1);
});

test("whether somebody rates does not depend on what they got", () => {
  const user = { id: "user-1", rates: 0.3, errs: 0.05 };
  const [right, wrong] = [seededRandom(3), seededRandom(3)];
  for (let draw = 0; draw < 1_000; draw++) {
    const spoke = opinion(user, "alarm", "alarm", right) !== null;
    assert.equal(opinion(user, "alarm", "timer", wrong) !== null, spoke);
  }
});

test("people differ in how often they rate, and are the same ones for the same chance", () => {
  const users = simulatedUsers(CROWD, seededRandom(4));
  assert.deepEqual(users, simulatedUsers(CROWD, seededRandom(4)));
  assert.equal(new Set(users.map(({ id }) => id)).size, CROWD.users);
  const rates = users.map((user) => user.rates);
  assert.ok(Math.min(...rates) < 0.6 * CROWD.rates && Math.max(...rates) > 1.4 * CROWD.rates);
});

test("users come back, regulars more often than others", () => {
  const random = seededRandom(5);
  const users = simulatedUsers({ ...CROWD, users: 100 }, random);
  const visits = Array.from({ length: DRAWS }, () => visitor(users, random));
  assert.equal(new Set(visits).size, 100);
  const regulars = new Set(users.slice(0, 10));
  assert.ok(Math.abs(shareOf(visits, (user) => regulars.has(user)) - 0.2) < 0.02);
});

test("a visit has one to four messages", () => {
  const random = seededRandom(6);
  const lengths = new Set(Array.from({ length: 1_000 }, () => visitLength(random)));
  assert.deepEqual([...lengths].sort(), [1, 2, 3, 4]);
});

test("everything is said once before anything is said again, and then in another order", () => {
  const pool = Array.from({ length: 50 }, (_, index) => index);
  const sayings = repertoire(pool, seededRandom(7));
  const take = () => pool.map(() => sayings.next().value);
  const [first, second] = [take(), take()];
  assert.deepEqual(
    first.toSorted((left, right) => left - right),
    pool,
  );
  assert.deepEqual(
    second.toSorted((left, right) => left - right),
    pool,
  );
  assert.notDeepEqual(first, second);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Application } from "../../src/demo/application.ts";
import { Ledger } from "../../src/demo/ledger.ts";
import { startTraffic } from "../../src/demo/traffic.ts";
import { seededRandom } from "../../src/sandbox/seeded-random.ts";

const POOL = [
  { text: "wake me at six", label: "alarm" },
  { text: "ten minutes please", label: "timer" },
];
const USERS = Array.from({ length: 20 }, (_, index) => ({ id: `user-${index + 1}`, rates: 1, errs: 0 }));

function open(application: Application) {
  const ledger = new Ledger();
  const traffic = startTraffic({
    application,
    users: USERS,
    pool: POOL,
    ledger,
    pace: { atOnce: 4, perSecond: 100_000 },
    random: seededRandom(1),
    clock: () => Date.now(),
  });
  return { ledger, traffic };
}

test("users rate by what they meant, under the name that they asked in", async () => {
  const asked = new Map<string, string | undefined>();
  const rated: { text: string; value: number }[] = [];
  const { ledger, traffic } = open({
    async say(text, options) {
      await turn();
      const interactionId = `${asked.size}:${text}`;
      asked.set(interactionId, options?.user);
      return { interactionId, action: "alarm" };
    },
    async rate(interactionId, user, value) {
      assert.equal(user, asked.get(interactionId));
      rated.push({ text: interactionId.split(":")[1]!, value });
    },
  });
  while (ledger.ratings < 200) await turn();
  await traffic.stop();
  for (const { text, value } of rated) assert.equal(value, text === "wake me at six" ? 1 : -1);
  assert.equal(ledger.ratings, rated.length);
  assert.equal(ledger.messages, asked.size);
  assert.ok(new Set(asked.values()).size > 10, "several users came");
});

test("no more requests are open than the pace allows, and none is when it has stopped", async () => {
  let now = 0;
  let most = 0;
  const { ledger, traffic } = open({
    async say(text) {
      most = Math.max(most, ++now);
      await turn();
      now--;
      return { interactionId: text, action: null };
    },
    async rate() {},
  });
  while (ledger.messages < 100) await turn();
  await traffic.stop();
  const sent = ledger.messages;
  assert.equal(now, 0);
  assert.ok(most > 1 && most <= 4, `${most}`);
  await turn();
  assert.equal(ledger.messages, sent);
});

test("a rating that was not acknowledged is not counted", async () => {
  const { ledger, traffic } = open({
    async say(text) {
      await turn();
      return { interactionId: text, action: "alarm" };
    },
    async rate() {
      throw new Error("refused");
    },
  });
  while (ledger.failures < 4) await turn();
  await traffic.stop();
  assert.equal(ledger.ratings, 0);
});

test("approval is of what was asked in the given time, and by the action that was answered", () => {
  const ledger = new Ledger();
  ledger.add({ askedAt: 10, action: "alarm", up: true });
  ledger.add({ askedAt: 20, action: "timer", up: false });
  ledger.add({ askedAt: 30, action: "alarm", up: false });
  assert.deepEqual(ledger.approval({ to: 20 }), { ratings: 1, share: 1 });
  assert.deepEqual(ledger.approval({ from: 20 }), { ratings: 2, share: 0 });
  assert.deepEqual(ledger.approval({ from: 40 }), { ratings: 0, share: null });
  const expected = { alarm: { ratings: 2, share: 0.5 }, timer: { ratings: 1, share: 0 } };
  assert.deepEqual(Object.fromEntries(ledger.byAction()), expected);
});

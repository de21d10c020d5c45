import assert from "node:assert/strict";
import { test } from "node:test";
import { decideRestart } from "../../src/embedded/restart-policy.ts";

test("each death within a minute doubles the wait, up to five seconds", () => {
  const waits = [1, 2, 3, 4, 5].map((deaths) => {
    const decision = decideRestart("worker", Array(deaths).fill(1_000), 1_000);
    return decision.kind === "restart" ? decision.afterMs : decision.reason;
  });
  assert.deepEqual(waits, [200, 400, 800, 1_600, 3_200]);
});

test("the sixth death within a minute is the last", () => {
  const deaths = [0, 10_000, 20_000, 30_000, 40_000, 50_000];
  assert.deepEqual(decideRestart("worker", deaths, 50_000), {
    kind: "give-up",
    reason: "worker died 6 times within a minute",
  });
});

test("deaths of more than a minute ago are forgiven", () => {
  const deaths = [0, 10_000, 20_000, 30_000, 40_000, 60_000];
  assert.deepEqual(decideRestart("worker", deaths, 60_000), { kind: "restart", afterMs: 3_200 });
});

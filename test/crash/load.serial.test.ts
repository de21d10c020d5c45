// A sample of `npm run load`: a quarter of a minute, a kill of each kind, at a rate that a busy machine bears.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runLoad } from "./load-run.ts";

test("under load, through a kill of a server, a worker, Temporal and PostgreSQL, what was acknowledged is there once", async () => {
  const report = await runLoad({
    seconds: 16,
    requestsPerSecond: 20,
    ratingsPerSecond: 5,
    killEveryMs: 3_500,
    seed: 4,
  });
  assert.deepEqual(report.faults, []);
  assert.deepEqual(
    new Set(report.kills.map(({ kind }) => kind)),
    new Set(["server", "worker", "Temporal", "PostgreSQL"]),
  );
  for (const [kind, { acknowledged, refused }] of Object.entries(report.figures)) {
    assert.ok(acknowledged > 10, `${kind}: only ${acknowledged} were acknowledged, the test is none`);
    const wrong = Object.keys(refused).filter((why) => why !== "503" && !why.startsWith("E"));
    assert.deepEqual(wrong, [], `${kind}: a caller is told to come again, or loses the connection; nothing else`);
  }
  assert.ok(report.cycles > 0);
});

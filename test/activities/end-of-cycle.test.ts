import assert from "node:assert/strict";
import { test } from "node:test";
import { endOf } from "../../src/activities/end-of-cycle.ts";

test("a cycle that was interrupted when its experiment had begun did what it was for", () => {
  const given = { outcome: "cancelled", reason: "it was cancelled" } as const;
  const reason = "it was cancelled, when its experiment had begun";
  assert.deepEqual(endOf(null, given), given);
  assert.deepEqual(endOf({ status: "running" }, given), { outcome: "experiment", reason });
  assert.deepEqual(endOf({ status: "probation" }, given), { outcome: "promoted", reason });
});

test("a cycle that ends by itself ends as it says", () => {
  const given = { outcome: "experiment", reason: "v1 is being tried" } as const;
  assert.deepEqual(endOf({ status: "probation" }, given), given);
});

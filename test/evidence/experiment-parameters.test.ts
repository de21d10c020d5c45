import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { experimentParameters } from "../../src/evidence/experiment-parameters.ts";

const settings = (experiment: unknown) => parseLoopSettings({ name: "helpem", experiment });

test("what the rule and the guardrails go by is frozen, with what the champion was like", () => {
  const metrics = [{ name: "effort", better: "lower", margin: 0.5 }] as const;
  const frozen = experimentParameters(settings({ primary: "effort", metrics }), 6, {
    slowAbove: 900_000,
    costPerInteraction: 1500,
  });
  assert.deepEqual(
    [frozen.primary, frozen.metrics, frozen.slowAbove, frozen.costPerInteraction, frozen.guardrails.error],
    ["effort", metrics, 900_000, 1500, 0.02],
  );
  assert.ok(Math.abs(frozen.phi - 1.5 * 0.05 * 6) < 1e-12, "on the scale of the metric");
});

test("where nothing is known of the champion, nothing is frozen of it, and phi is the usual one of its kind", () => {
  const frozen = experimentParameters(settings({}), null);
  assert.deepEqual([frozen.slowAbove, frozen.costPerInteraction], [null, null]);
  assert.ok(Math.abs(frozen.phi - 0.06) < 1e-12);
  const named = settings({ primary: "mood", metrics: [{ name: "mood", margin: 1 }] });
  assert.ok(Math.abs(experimentParameters(named, null).phi - 0.075) < 1e-12);
  assert.ok(Math.abs(experimentParameters(named, -4).phi - 0.3) < 1e-12, "by its size, below 0 too");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeCycle, wholeCycleShape } from "../../src/cli/cycle-text.ts";

test("a run that failed is told with its reason, and with what the trainer wrote about it", () => {
  const run = { trainer: "openai-wire", status: "failed", job_id: "job-1", reason: "the job failed (bad_file)" };
  const cycle = wholeCycleShape.parse({
    id: "1",
    loop: "helpem",
    number: 7,
    pulse: null,
    stage: "done",
    outcome: "training_failed",
    outcome_reason: "the job failed (bad_file)",
    started_by: "ratchet",
    reason: "due",
    started_at: "2026-11-03T12:00:00.000Z",
    ended_at: "2026-11-03T13:00:00.000Z",
    snapshot: null,
    training_runs: [
      { ...run, detail: "line 3 is empty" },
      { ...run, detail: null },
    ],
    evaluation: null,
    experiment: null,
  });
  const told = describeCycle(cycle).join(" ").replace(/\s+/g, " "); // long lines are folded
  assert.match(told, /train openai-wire: failed, job job-1 \(the job failed \(bad_file\): line 3 is empty\)/);
  assert.match(told, /fallback openai-wire: failed, job job-1 \(the job failed \(bad_file\)\)/);
});

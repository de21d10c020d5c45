import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CANCEL_TIMEOUT,
  CANCELLING,
  LEAVES_WITHIN,
  REQUEST_TIMEOUT,
  SETTLING,
  SUBMITTING,
  UNDER_WAY,
  UPLOAD,
} from "../../src/domain/submission-times.ts";

/** For what an activity does beside: reading and writing rows, and hearing that its time is up. */
const BESIDE = 5_000;
const MOST_RUNS_OF_A_CYCLE = 2;

test("a submission is given up by its sender before others take it as given up, and they look only after that", () => {
  assert.ok(REQUEST_TIMEOUT <= LEAVES_WITHIN, "one request fits into what all of them have");
  assert.ok(LEAVES_WITHIN + BESIDE <= UNDER_WAY, "who sent at the first moment has given up by then");
  assert.ok(
    UNDER_WAY + BESIDE <= SETTLING,
    "whoever has waited finds that nothing is under way, and need not wait again",
  );
});

test("every activity that asks trainers has said what it waited for before Temporal takes it as dead", () => {
  assert.ok(UPLOAD.itself + BESIDE <= UPLOAD.activity);
  assert.ok(LEAVES_WITHIN + CANCEL_TIMEOUT + BESIDE <= SUBMITTING, "a submission, and then a job that is one too many");
  assert.ok(MOST_RUNS_OF_A_CYCLE * CANCEL_TIMEOUT + BESIDE <= CANCELLING);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkExposure } from "../../../src/evidence/checks/exposure.ts";
import { exposed } from "../sides.ts";

const rated = [{ champion: exposed(900, 5, 1), challenger: exposed(90, 5, 1) }];

test("up to one user in a hundred who met both models is counted and let pass", () => {
  assert.equal(checkExposure(rated, 0).words, "nobody met both models");
  const check = checkExposure(rated, 10);
  assert.equal(check.passed, true);
  assert.equal(check.words, "10 of 1,000 users (1 %) met both models and are left out");
});

test("more of them is an alarm, and the comparison is in doubt", () => {
  const check = checkExposure(rated, 11);
  assert.deepEqual([check.passed, check.alarm, check.acts], [false, true, "holds"]);
  assert.match(
    check.words,
    /^11 of 1,001 users \(1\.1 %\) met both models and are left out, and more than 1 % is a fault; see whether/,
  );
  assert.equal(checkExposure([], 1).passed, false, "all that there are");
});

test("where nobody was counted nothing was checked", () => {
  const { passed, told, words } = checkExposure([], 0);
  assert.deepEqual([passed, told], [true, "not checked"]);
  assert.match(words, /^no users were counted: it takes everybody who had an answer/);
  assert.equal(checkExposure(rated, 0).told, undefined);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { changedShare, checkChanges, type ValueSeen, type Watched } from "../../../src/evidence/checks/changes.ts";

const watch = (...seen: ValueSeen[]): Watched => ({ what: "system prompt", variant: "champion", seen });

test("a prompt that takes the place of another in mid-experiment is an alarm", () => {
  const check = checkChanges([
    watch({ value: "a", first: 400, latest: 0 }, { value: "b", first: 0, latest: 500 }),
    { ...watch({ value: "m", first: 400, latest: 400 }), what: "model" },
  ]);
  assert.deepEqual([check.passed, check.alarm, check.acts, check.numbers.changed], [false, true, "holds", 1]);
  assert.match(
    check.words,
    /^the champion's system prompt has changed since the experiment started \(in 100 % of its requests\)/,
  );
});

test("a provider that answers with another model is an alarm, also when only some of its answers come from it", () => {
  const seen = [
    { value: "model of May", first: 300, latest: 200 },
    { value: "model of June", first: 0, latest: 60 },
  ];
  const check = checkChanges([{ what: "model", variant: "challenger", seen }]);
  assert.match(check.words, /^the challenger's model has changed .* \(in 23\.1 % of its requests\)/);
});

test("a change of one prompt among several shows, and traffic that moves between them does not", () => {
  const others = { value: "b", first: 280, latest: 300 };
  assert.ok(changedShare([{ value: "a", first: 120, latest: 0 }, { value: "c", first: 0, latest: 110 }, others]) > 0.2);
  assert.equal(
    changedShare([
      { value: "a", first: 390, latest: 5 },
      { value: "b", first: 10, latest: 400 },
    ]),
    0,
  );
});

test("prompts that differ in every request, or nearly, are left alone", () => {
  const each = (part: "first" | "latest", count: number, uses = 1) =>
    Array.from({ length: count }, (_, place) => ({ value: `${part} ${place}`, first: 0, latest: 0, [part]: uses }));
  assert.equal(changedShare([...each("first", 500), ...each("latest", 500)]), 0);
  assert.equal(changedShare([...each("first", 100, 9), ...each("latest", 100, 9)]), 0);
  // One user who is there every day and then not any more.
  assert.equal(
    changedShare([{ value: "ada", first: 100, latest: 0 }, ...each("first", 60), ...each("latest", 200)]),
    0,
  );
});

test("a rare prompt that comes or goes is no change, and few requests say nothing", () => {
  assert.equal(
    changedShare([
      { value: "a", first: 400, latest: 400 },
      { value: "b", first: 0, latest: 90 },
    ]),
    0,
  );
  assert.equal(
    changedShare([
      { value: "a", first: 99, latest: 0 },
      { value: "b", first: 0, latest: 500 },
    ]),
    0,
  );
  assert.equal(changedShare([]), 0);
  assert.equal(checkChanges([]).passed, true);
});

test("what could not be compared is not called unchanged", () => {
  const told = (...watched: Watched[]) => checkChanges(watched).told;
  assert.equal(told(), "not checked");
  assert.equal(told(watch({ value: "a", first: 99, latest: 500 })), "not checked");
  assert.equal(
    told(watch({ value: "a", first: 99, latest: 500 }), watch({ value: "a", first: 100, latest: 500 })),
    undefined,
  );
  assert.match(
    checkChanges([watch({ value: "a", first: 3, latest: 0 })]).words,
    /^it takes 100 requests at the start and 100 of late/,
  );
});

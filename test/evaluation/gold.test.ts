import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { parseGold, readGold } from "../../src/evaluation/gold.ts";

test("a case is an input or messages, with scorer and tags when they differ from the usual", () => {
  const cases = parseGold(
    '{"id":"one","input":"hi","expected":"hello"}\r\n\n{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"expected":{"action":"todo"},"tags":["todo","forgetting","todo"]}\n',
  );
  assert.deepEqual(cases[0], {
    id: "one",
    messages: [{ role: "user", content: "hi" }],
    expected: "hello",
    scorer: "exact",
    tags: [],
  });
  assert.equal(cases[1]?.scorer, "json-subset");
  assert.deepEqual(cases[1]?.tags, ["todo", "forgetting"]);
});

test("a case without an id gets one from its content, wherever it stands", () => {
  const one = '{"input":"hi","expected":"hello"}';
  const two = '{"input":"ho","expected":"hello"}';
  const [first, second] = parseGold(`${one}\n${two}`);
  assert.equal(parseGold(`\uFEFF${two}\n\n${one}`)[1]?.id, first?.id);
  assert.notEqual(first?.id, second?.id);
});

test("every fault is named with its line, and the good cases are still there", () => {
  const text = [
    '{"input":"hi","expected":"hello","id":"a"}',
    "{broken",
    '{"expected":"x"}',
    '{"input":"x","expected":"(","scorer":"regex"}',
    '{"input":"x","expected":"y","scorer":"exakt"}',
    "",
    '{"input":"x","expcted":"y"}',
    '{"input":"x"}',
    '{"input":"z","expected":"y","id":"a"}',
    '{"messages":[{"role":"system","content":"x"}],"expected":"y"}',
    "[1]",
  ].join("\n");
  const { cases, faults } = readGold(text);
  assert.deepEqual(
    cases.map(({ id }) => id),
    ["a"],
  );
  assert.deepEqual(
    faults.map(({ line }) => line),
    [2, 3, 4, 5, 7, 8, 9, 10, 11],
  );
  const words = faults.map((fault) => fault.words).join("\n");
  for (const part of [
    /not JSON/,
    /either "input" or "messages"/,
    /"\(" is not a pattern/,
    /"exakt" is not a scorer \(use one of exact/,
    /unknown field "expcted"/,
    /stands on line 1/,
  ]) {
    assert.match(words, part);
  }
});

test("a gold set with faults is refused as a whole", () => {
  assert.throws(
    () => parseGold('{"input":"hi","expected":"hello"}\n{'),
    (error) => error instanceof Fault && /line 2: not JSON/.test(error.message),
  );
});

test("a gold set without cases says how to write one", () => {
  assert.throws(
    () => parseGold("\n \n"),
    (error) => error instanceof Fault && error.message === "the gold set has no cases",
  );
});

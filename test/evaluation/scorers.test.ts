import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { score } from "../../src/evaluation/scorers.ts";

test("exact forgives white space around and composition, nothing else", () => {
  assert.equal(score("exact", "café", " cafe\u0301\n").score, 1);
  assert.equal(score("exact", "café", "Café").score, 0);
});

test("contains scores the share of the texts that are there, whatever their case", () => {
  assert.deepEqual(score("contains", "Oven", "the OVEN is on"), { score: 1, words: "contains all 1" });
  assert.deepEqual(score("contains", ["oven", "milk"], "the oven"), { score: 0.5, words: 'lacks "milk"' });
});

test("regex matches anywhere, takes flags, and says the same twice", () => {
  assert.equal(score("regex", "b\\d", "ab1").score, 1);
  assert.equal(score("regex", { pattern: "^YES", flags: "i" }, "yes").score, 1);
  assert.equal(score("regex", "^YES", "yes").score, 0);
  assert.equal(score("regex", { pattern: "a", flags: "g" }, "a").score, 1);
  assert.equal(score("regex", "[\\w\\-]+\\!", "a-b!").score, 1);
});

test("json-subset wants everything expected and minds nothing beyond", () => {
  const expected = { action: "todo", items: [{ title: "milk" }], due: null };
  assert.equal(
    score("json-subset", expected, '{"action":"todo","items":[{"title":"milk","n":2}],"due":null,"more":1}').score,
    1,
  );
  assert.equal(
    score("json-subset", expected, '```json\n{"action":"todo","items":[{"title":"milk"}],"due":null}\n```').score,
    1,
  );
});

test("json-subset says where the answer parts from what was expected", () => {
  const words = (expected: unknown, answer: string) => score("json-subset", expected, answer).words;
  assert.equal(words({ a: { b: 1 } }, '{"a":{"b":2}}'), "/a/b is not 1");
  assert.equal(words({ a: { b: 1 } }, '{"a":[]}'), "/a is not an object");
  assert.equal(words({ a: null }, "{}"), "/a is missing");
  assert.equal(words({ a: [1] }, '{"a":[1,2]}'), "/a has 2 items, 1 expected");
  assert.equal(words([1], '{"a":1}'), "the answer is not a list");
  assert.equal(words({ toString: 1 }, "{}"), "/toString is missing");
  assert.equal(words({ a: 1 }, "sorry"), "is not JSON");
});

test("an expectation that does not fit its scorer is an error that says what to write", () => {
  const bad: [string, unknown][] = [
    ["exact", 5],
    ["contains", []],
    ["contains", ["a", ""]],
    ["regex", "("],
    ["regex", null],
    ["regex", { pattern: "a", flags: "zz" }],
    ["json-subset", "text"],
    ["constructor", "x"],
  ];
  for (const [name, expected] of bad) {
    assert.throws(
      () => score(name, expected, "answer"),
      (error) => error instanceof Fault && error.code === "invalid" && error.hint !== undefined,
      `${name} ${JSON.stringify(expected)}`,
    );
  }
});

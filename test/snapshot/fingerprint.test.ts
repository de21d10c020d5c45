import assert from "node:assert/strict";
import { test } from "node:test";
import { createPrepare } from "../../src/snapshot/prepare.ts";
import { built, options } from "./built.ts";
import { numberOf, RECIPE, row, type TestRow } from "./row.ts";

const question = (content: string) => [{ role: "user", content }];
const prepare = createPrepare(RECIPE);

/** The fingerprint of a prepared row, in hex. */
function fingerprintOf(changes: Partial<TestRow>): string {
  const prepared = prepare(row(1, changes));
  assert.ok(prepared.refused === null);
  assert.equal(prepared.fingerprint.length, 16);
  return Buffer.from(prepared.fingerprint).toString("hex");
}

test("case, white space and composition do not tell two examples apart", () => {
  assert.equal(
    fingerprintOf({ messages: question("Où est le CAFÉ ?"), response: "Ici" }),
    fingerprintOf({ messages: question("  où est\nle cafe\u0301 ?"), response: " ici " }),
  );
});

test("another answer, another question or another speaker does", () => {
  const base = fingerprintOf({ messages: question("hi"), response: "hello" });
  const others = [
    fingerprintOf({ messages: question("hi"), response: "hello you" }),
    fingerprintOf({ messages: question("hi hello"), response: "hello" }),
    fingerprintOf({ messages: [{ role: "system", content: "hi" }, ...question("hi")], response: "hello" }),
    fingerprintOf({ messages: [...question("hi"), ...question("hi")], response: "hello" }),
  ];
  for (const other of others) assert.notEqual(base, other);
});

test("tool calls that differ only by their ids are the same answer, by their arguments are not", () => {
  const calling = (id: string, given: string) => ({
    role: "assistant",
    content: null,
    tool_calls: [{ id, type: "function", function: { name: "todo", arguments: given } }],
  });
  const [one, two, three] = [calling("a", '{"x":1}'), calling("b", '{"x":1}'), calling("a", '{"x":2}')].map(
    (response) => fingerprintOf({ messages: question("hi"), response }),
  );
  assert.equal(one, two);
  assert.notEqual(one, three);
});

test("questions that differ only by personal data are copies", () => {
  assert.equal(
    fingerprintOf({ messages: question("mail jane@acme.com"), response: "done" }),
    fingerprintOf({ messages: question("mail bob@acme.com"), response: "done" }),
  );
});

test("of a group of copies the best judged stays, then the newest", async () => {
  const copy = (number: number, changes: Partial<TestRow>) =>
    row(number, { messages: question("hi"), response: "hello", ...changes });
  const unrated = copy(9, { rating: null, quality: 1 });
  const groups: [TestRow[], number][] = [
    [[unrated, copy(1, {})], 1],
    [[copy(2, { quality: 0.9 }), copy(3, { quality: 0.8 })], 2],
    [[copy(4, {}), copy(5, {}), copy(6, {})], 6],
  ];
  for (const [group, winner] of groups) {
    const { lines, manifest } = await built(group, options({ positiveOnly: false }));
    assert.deepEqual(
      lines.map((line) => numberOf(line.interactionId)),
      [winner],
    );
    assert.equal(manifest.dropped.duplicate, group.length - 1);
  }
});

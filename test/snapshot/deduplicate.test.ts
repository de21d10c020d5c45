import assert from "node:assert/strict";
import { test } from "node:test";
import { deduplicate, fingerprint } from "../../src/snapshot/deduplicate.ts";
import type { Example } from "../../src/snapshot/example.ts";
import { prepare } from "../../src/snapshot/prepare.ts";
import { createRedactor } from "../../src/snapshot/redact.ts";
import type { SnapshotRow } from "../../src/snapshot/row.ts";
import { row, shuffled } from "./row.ts";

function example(number: number, changes: Partial<SnapshotRow> = {}): Example {
  const prepared = prepare(row(number, changes), createRedactor({ types: "all" }));
  assert.ok(prepared !== null);
  return prepared.example;
}

const question = (content: string) => [{ role: "user", content }];

test("case, white space and composition do not tell two examples apart", () => {
  const one = example(1, { messages: question("Où est le CAFÉ ?"), response: "Ici" });
  const two = example(2, { messages: question("  où est\nle cafe\u0301 ?"), response: " ici " });
  assert.equal(fingerprint(one), fingerprint(two));
});

test("another answer, another question or another speaker does", () => {
  const base = example(1, { messages: question("hi"), response: "hello" });
  const others = [
    example(1, { messages: question("hi"), response: "hello you" }),
    example(1, { messages: question("hi hello"), response: "" }),
    example(1, { messages: [{ role: "system", content: "hi" }], response: "hello" }),
    example(1, { messages: [...question("hi"), ...question("hi")], response: "hello" }),
  ];
  for (const other of others) assert.notEqual(fingerprint(base), fingerprint(other));
});

test("tool calls that differ only by their ids are the same answer, by their arguments are not", () => {
  const calling = (id: string, given: string) => ({
    role: "assistant",
    content: null,
    tool_calls: [{ id, type: "function", function: { name: "todo", arguments: given } }],
  });
  const [one, two, three] = [calling("a", '{"x":1}'), calling("b", '{"x":1}'), calling("a", '{"x":2}')].map(
    (response) => fingerprint(example(1, { messages: question("hi"), response })),
  );
  assert.equal(one, two);
  assert.notEqual(one, three);
});

test("questions that differ only by personal data are copies", async () => {
  const one = example(1, { messages: question("mail jane@acme.com"), response: "done" });
  const two = example(2, { messages: question("mail bob@acme.com"), response: "done" });
  assert.equal((await deduplicate([one, two])).dropped, 1);
});

test("of a group the best-rated stays, then the best judged, then the newest, in whatever order they come", async () => {
  const copy = (number: number, changes: Partial<SnapshotRow>) =>
    example(number, { messages: question("hi"), response: "hello", ...changes });
  const unrated = copy(9, { rating: null, quality: 1 });
  const judged = copy(2, { quality: 0.9 });
  const newer = copy(3, { quality: 0.8 });
  const groups: [Example[], string][] = [
    [[unrated, copy(1, {})], "interaction-0001"],
    [[judged, newer], "interaction-0002"],
    [[copy(4, {}), copy(5, {}), copy(6, {})], "interaction-0006"],
  ];
  for (const [group, winner] of groups) {
    for (let seed = 0; seed < 6; seed += 1) {
      const { kept, dropped } = await deduplicate(shuffled(group, seed));
      assert.deepEqual(
        kept.map((one) => one.interactionId),
        [winner],
      );
      assert.equal(dropped, group.length - 1);
    }
  }
});

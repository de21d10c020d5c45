import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodeOf, explain } from "../../src/cli/terminal/explain.ts";
import { foreignText, plain } from "../../src/cli/terminal/plain.ts";
import { facts, table } from "../../src/cli/terminal/table.ts";
import { Fault } from "../../src/domain/fault.ts";

test("a table fits 80 columns: its last column gives way", () => {
  const lines = table(
    [{ name: "a", text: "word ".repeat(40) }],
    [
      { title: "NAME", value: (row) => row.name },
      { title: "TEXT", value: (row) => row.text },
    ],
  );
  assert.equal(lines[0], "NAME  TEXT");
  assert.equal(lines[1]?.length, 80);
  assert.ok(lines[1]?.endsWith("…"));
});

test("facts wrap below themselves and leave out what is not known", () => {
  const lines = facts([
    ["why", "word ".repeat(20).trim()],
    ["ended", null],
  ]);
  assert.equal(lines.length, 2);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.match(lines[1]!, /^ {5}word/);
});

test("a text of someone else's cannot steer the terminal", () => {
  assert.equal(foreignText("a\u001b[2Jb\u001b]0;title\u0007\nc\u202ed"), "ab cd");
  assert.equal(plain("\u001b[31mred\u001b[39m \u001b[2Jx\u0007"), "\u001b[31mred\u001b[39m  [2Jx ");
});

test("an error says what to do, several faults stand one to a line, and a bug shows no stack", () => {
  const fault = new Fault("invalid", 'not valid: "a" is odd; "b" is even', {
    hint: "correct them",
    details: { faults: ['"a" is odd', '"b" is even'] },
  });
  assert.equal(exitCodeOf(fault), 2);
  assert.equal(explain(fault, { json: false }), 'not valid:\n  - "a" is odd\n  - "b" is even\n→ correct them\n');
  assert.deepEqual(JSON.parse(explain(fault, { json: true })), {
    error: { code: "invalid", message: fault.message, hint: "correct them" },
  });
  assert.equal(exitCodeOf(new Fault("not_found", "x")), 3);
  assert.equal(exitCodeOf(new Fault("conflict", "x")), 1);
  assert.doesNotMatch(explain(new TypeError("x is undefined"), { json: false }), / {4}at /);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonFault } from "../../src/cli/json-fault.ts";

const texts = [
  '{"a":1}',
  " [ ] ",
  "null",
  "-1.5e3",
  '"\\u00e9\\n"',
  '{"a":[{},[],"x",true]}\n',
  '{"a":{"b":[1,2,{"c":null}]}}',
  "",
  "  ",
  "{",
  "[1,",
  "[1 2]",
  "{a:1}",
  '{"a"}',
  '{"a":}',
  "[1,]",
  '{"a":1,}',
  "01",
  "1.",
  "-",
  "tru",
  '"a',
  '"\n"',
  '"\\x"',
  "{} {}",
  "NaN",
  "'a'",
  "// x\n{}",
  "[1]]",
  '{"a":1 "b":2}',
];

for (const text of texts) {
  test(`it agrees with the engine on ${JSON.stringify(text)}`, () => {
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    assert.equal(jsonFault(text) === null, parses);
  });
}

test("a fault has its line and column", () => {
  assert.deepEqual(jsonFault('{\n  "a": 1\n  "b": 2\n}'), {
    line: 3,
    column: 3,
    words: 'a comma or "}" is expected here',
  });
  assert.deepEqual(jsonFault('{"a": yes}'), { line: 1, column: 7, words: "a value is expected here" });
  assert.deepEqual(jsonFault('{"a": [1,\n'), { line: 2, column: 1, words: "the text ends too early" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../src/domain/canonical-json.ts";

test("canonical JSON has one spelling for equal values, indented when asked", () => {
  const value = { b: 1, a: { d: [2, { z: 1, y: undefined }], c: "é" }, at: new Date(0) };
  assert.equal(canonicalJson(value), '{"a":{"c":"é","d":[2,{"z":1}]},"at":"1970-01-01T00:00:00.000Z","b":1}');
  assert.equal(canonicalJson({ b: 1, a: 2 }, 2), '{\n  "a": 2,\n  "b": 1\n}');
});

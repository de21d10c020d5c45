import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanText } from "../../src/domain/clean-text.ts";
import { isId, newId } from "../../src/domain/id.ts";
import { nearest } from "../../src/domain/nearest.ts";
import { unitHasher } from "../../src/domain/unit-hash.ts";

test("a slip of the hand finds what was meant, whatever the case, and nonsense finds nothing", () => {
  const known = ["trigger", "snapshot", "experiment", "minDuration"];
  for (const [typed, meant] of [
    ["triger", "trigger"],
    ["SNAPSHOT", "snapshot"],
    ["expirement", "experiment"],
    ["minduration", "minDuration"],
    ["minDurration", "minDuration"],
  ])
    assert.equal(nearest(typed!, known), meant);
  for (const typed of ["xylophone", "qqqq"]) assert.equal(nearest(typed, known), null);
  assert.equal(nearest("anything", []), null);
});

test("of two that are equally near the first is meant", () => {
  assert.equal(nearest("bat", ["cat", "hat"]), "cat");
});

test("ids sort as they were made, are ours in form, and never the same", () => {
  const made = Array.from({ length: 5_000 }, newId);
  assert.deepEqual(made, made.toSorted());
  assert.equal(new Set(made).size, made.length);
  assert.ok(made.every(isId));
  for (const text of [
    "",
    "x",
    "00000000-0000-0000-0000-000000000000",
    "9b2f7c1e-8f4a-4c7e-9a55-0d0f0e0c0b0a",
    `${made[0]} `,
    `{${made[0]}}`,
  ])
    assert.ok(!isId(text), text);
});

test("a unit's hash says nothing, differs by loop and secret, and stays the same", () => {
  const hash = unitHasher("a secret for tests");
  assert.equal(hash("helpem", "user:ada"), hash("helpem", "user:ada"));
  assert.match(hash("helpem", "user:ada"), /^[A-Za-z0-9_-]{22}$/);
  const others = [
    hash("other", "user:ada"),
    hash("helpem", "user:Ada"),
    hash("helpem", "conversation:ada"),
    unitHasher("another secret")("helpem", "user:ada"),
  ];
  assert.equal(new Set([...others, hash("helpem", "user:ada")]).size, 5);
});

test("what is cleaned is what PostgreSQL takes, and clean text is left alone", () => {
  for (const [text, clean] of [
    ["a\0b\0", "ab"],
    ["\ud800", "\ufffd"],
    ["x\udc00y", "x\ufffdy"],
    ["👍\0👍", "👍👍"],
    ["", ""],
    ["plain é 语", "plain é 语"],
  ])
    assert.equal(cleanText(text!), clean);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { dropWords } from "../../src/snapshot/drop-words.ts";
import type { SnapshotRow } from "../../src/snapshot/row.ts";
import { type SelectionRules, selectRow } from "../../src/snapshot/select.ts";
import { row } from "./row.ts";

const RULES: SelectionRules = { minQuality: 0.7, positiveOnly: true, missingQuality: "pass" };

function ruleFor(changes: Partial<SnapshotRow>, rules: Partial<SelectionRules> = {}): string {
  const selection = selectRow(row(1, changes), { ...RULES, ...rules });
  return selection.keep ? "kept" : selection.rule;
}

test("an interaction that was rated up teaches", () => {
  assert.equal(ruleFor({}), "kept");
});

test("each reason against an interaction has its own name", () => {
  assert.equal(ruleFor({ store: false }), "no-store");
  assert.equal(ruleFor({ error: "timeout" }), "error");
  assert.equal(ruleFor({ messages: [{ role: "system", content: "Be kind." }] }), "empty-prompt");
  assert.equal(ruleFor({ response: " \n" }), "empty-answer");
  assert.equal(ruleFor({ response: null }), "empty-answer");
  assert.equal(ruleFor({ rating: null }), "not-rated-up");
  assert.equal(ruleFor({ quality: 0.69 }), "below-quality");
});

test("consent speaks before every other rule", () => {
  assert.equal(ruleFor({ store: false, error: "timeout", rating: -1, response: null }), "no-store");
});

test("an answer that is only an image is empty, one that only calls a tool is not", () => {
  const image = { role: "assistant", content: [{ type: "image_url", image_url: { url: "https://a.com/x.png" } }] };
  assert.equal(ruleFor({ response: image }), "empty-answer");
  const call = { id: "1", type: "function", function: { name: "todo", arguments: "{}" } };
  assert.equal(ruleFor({ response: { role: "assistant", content: null, tool_calls: [call] } }), "kept");
});

test("without positiveOnly the unrated teach, and what was rated down still does not", () => {
  assert.equal(ruleFor({ rating: null }, { positiveOnly: false }), "kept");
  assert.equal(ruleFor({ rating: -1 }, { positiveOnly: false }), "rated-down");
});

test("a correction of an answer rated down does not make that answer teach", () => {
  assert.equal(ruleFor({ rating: -1, correction: "better" }), "not-rated-up");
});

test("a missing quality is worth what the loop says", () => {
  assert.equal(ruleFor({}, { missingQuality: "drop" }), "no-quality");
  assert.equal(ruleFor({}, { missingQuality: 0.5 }), "below-quality");
  assert.equal(ruleFor({}, { missingQuality: 0.7 }), "kept");
  assert.equal(ruleFor({ quality: 0.7 }, { missingQuality: "drop" }), "kept");
});

test("the drops read as a sentence, the most frequent rule first", () => {
  assert.equal(
    dropWords(412, { duplicate: 14, "below-quality": 398 }, 0.7),
    "412 of 412 dropped: 398 below quality 0.7, 14 duplicates",
  );
  assert.equal(dropWords(0, {}, 0.7), "0 interactions to choose from");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { dropWords } from "../../src/snapshot/drop-words.ts";
import { createPrepare } from "../../src/snapshot/prepare.ts";
import { ruleAgainst, type SelectionFacts, type SelectionRules } from "../../src/snapshot/select.ts";
import { RECIPE, row, type TestRow } from "./row.ts";

const RULES: SelectionRules = { minQuality: 0.7, positiveOnly: true, missingQuality: "pass", actionTypes: null };
const FACTS: SelectionFacts = { actionType: "todo", quality: null, rating: 1, isCorrected: false };

const ruleFor = (facts: Partial<SelectionFacts>, rules: Partial<SelectionRules> = {}) =>
  ruleAgainst({ ...FACTS, ...facts }, { ...RULES, ...rules });

const prepare = createPrepare(RECIPE);
const refusal = (changes: Partial<TestRow>) => prepare(row(1, changes)).refused;

test("an interaction that was rated up teaches", () => {
  assert.equal(refusal({}), null);
  assert.equal(ruleFor({}), null);
});

test("each reason against an interaction has its own name", () => {
  assert.equal(refusal({ store: false }), "no-store");
  assert.equal(refusal({ error: "timeout" }), "error");
  assert.equal(refusal({ messages: [{ role: "system", content: "Be kind." }] }), "empty-prompt");
  assert.equal(refusal({ response: " \n" }), "empty-answer");
  assert.equal(refusal({ response: null }), "empty-answer");
  assert.equal(ruleFor({ rating: null }), "not-rated-up");
  assert.equal(ruleFor({ quality: 0.69 }), "below-quality");
  assert.equal(ruleFor({ actionType: "meal" }, { actionTypes: ["todo"] }), "other-action");
  assert.equal(ruleFor({ actionType: null }, { actionTypes: ["todo"] }), "other-action");
});

test("consent speaks before every other rule", () => {
  assert.equal(refusal({ store: false, error: "timeout", response: null }), "no-store");
});

test("an answer that is only an image is empty, one that only calls a tool is not", () => {
  const image = { role: "assistant", content: [{ type: "image_url", image_url: { url: "https://a.com/x.png" } }] };
  assert.equal(refusal({ response: image }), "empty-answer");
  const call = { id: "1", type: "function", function: { name: "todo", arguments: "{}" } };
  assert.equal(refusal({ response: { role: "assistant", content: null, tool_calls: [call] } }), null);
});

test("without positiveOnly the unrated teach, and what was rated down still does not", () => {
  assert.equal(ruleFor({ rating: null }, { positiveOnly: false }), null);
  assert.equal(ruleFor({ rating: -1 }, { positiveOnly: false }), "rated-down");
});

test("a correction teaches whatever the answer was worth that it replaces", () => {
  assert.equal(ruleFor({ rating: -1, quality: 0, isCorrected: true }), null);
  assert.equal(
    ruleFor({ rating: -1, isCorrected: true, actionType: "meal" }, { actionTypes: ["todo"] }),
    "other-action",
  );
});

test("a missing quality is worth what the loop says", () => {
  assert.equal(ruleFor({}, { missingQuality: "drop" }), "no-quality");
  assert.equal(ruleFor({}, { missingQuality: 0.5 }), "below-quality");
  assert.equal(ruleFor({}, { missingQuality: 0.7 }), null);
  assert.equal(ruleFor({ quality: 0.7 }, { missingQuality: "drop" }), null);
});

test("the drops read as a sentence, the most frequent rule first", () => {
  assert.equal(
    dropWords(412, { duplicate: 14, "below-quality": 398 }, 0.7),
    "412 of 412 dropped: 398 below quality 0.7, 14 duplicates",
  );
  assert.equal(dropWords(0, {}, 0.7), "0 interactions to choose from");
});

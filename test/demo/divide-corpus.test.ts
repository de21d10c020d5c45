import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chooseActions } from "../../src/demo/choose-actions.ts";
import { DIVISION, divideCorpus } from "../../src/demo/divide-corpus.ts";
import { Fault } from "../../src/domain/fault.ts";
import { generateCorpus, type Utterance } from "../../src/sandbox/corpus.ts";
import { readCorpus } from "../../src/sandbox/read-corpus.ts";

const corpusOf = (labels: Readonly<Record<string, number>>): Utterance[] =>
  Object.entries(labels).flatMap(([label, count]) =>
    Array.from({ length: count }, (_, index) => ({ text: `${label} number ${index}`, label })),
  );
const textsOf = (part: readonly Utterance[]) => part.map(({ text }) => text);

test("no text of the corpus is in two parts, and every text is in one", () => {
  const corpus = generateCorpus({ perAction: 100 });
  const { base, gold, heldOut, pool } = divideCorpus(corpus, 1);
  const all = [...base, ...gold, ...heldOut, ...pool];
  assert.equal(new Set(textsOf(all)).size, all.length);
  assert.deepEqual(textsOf(all).sort(), textsOf(corpus).sort());
});

test("copies that differ in capitals and spaces do not get into two parts", () => {
  const corpus = corpusOf({ alarm: 300, timer: 300 });
  const copies = corpus.map(({ text, label }) => ({ text: `  ${text.toUpperCase().replace(" ", "   ")}`, label }));
  const { base, gold, heldOut, pool } = divideCorpus([...corpus, ...copies], 1);
  assert.equal(base.length + gold.length + heldOut.length + pool.length, corpus.length);
});

test("every part has every action, in the same mix", () => {
  const { actions, base, gold, heldOut } = divideCorpus(corpusOf({ alarm: 200, timer: 200, weather: 200 }), 1);
  assert.deepEqual(actions, ["alarm", "timer", "weather"]);
  const countOf = (part: readonly Utterance[], action: string) => part.filter(({ label }) => label === action).length;
  for (const action of actions) {
    assert.equal(countOf(base, action), 2);
    assert.equal(countOf(gold, action), 10);
    assert.equal(countOf(heldOut, action), 30);
  }
});

test("gold set and held-out part of a large corpus stay within their limits", () => {
  const { gold, heldOut } = divideCorpus(corpusOf({ alarm: 3_000, timer: 3_000, weather: 3_000 }), 1);
  assert.ok(gold.length > 0 && gold.length <= DIVISION.mostGold, `${gold.length}`);
  assert.ok(heldOut.length > 300 && heldOut.length <= DIVISION.mostHeldOut, `${heldOut.length}`);
});

test("the same corpus and seed give the same parts, another seed gives others", () => {
  const corpus = generateCorpus({ perAction: 60 });
  assert.deepEqual(divideCorpus(corpus, 7), divideCorpus(corpus, 7));
  assert.notDeepEqual(divideCorpus(corpus, 8).base, divideCorpus(corpus, 7).base);
});

test("an action with a handful of utterances is left out", () => {
  assert.deepEqual(divideCorpus(corpusOf({ alarm: 300, timer: 300, rare: 19 }), 1).actions, ["alarm", "timer"]);
});

test("a corpus that is too small is refused with what is missing", () => {
  for (const corpus of [corpusOf({ alarm: 1_000 }), corpusOf({ alarm: 50, timer: 50 }), []]) {
    assert.throws(
      () => divideCorpus(corpus, 1),
      (error) => error instanceof Fault && error.code === "invalid" && /too small/.test(error.message),
    );
  }
});

test("of many actions, those of a household assistant are chosen", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`bank_${index}`, 50]));
  const household = { alarm: 5, timer: 5, weather: 5, recipe: 5, traffic: 5, reminder: 5, calendar: 5, todo_list: 5 };
  assert.deepEqual(chooseActions(corpusOf({ ...many, ...household })), Object.keys(household).sort());
});

test("of many actions that no household knows, the twenty most frequent are chosen", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`bank_${index}`, 10 + index]));
  const chosen = chooseActions(corpusOf({ ...many, alarm: 500 }));
  assert.equal(chosen.length, 20);
  assert.ok(chosen.includes("alarm") && chosen.includes("bank_29") && !chosen.includes("bank_10"));
});

test("up to twenty-four actions are all kept", () => {
  const some = Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`bank_${index}`, 10]));
  assert.equal(chooseActions(corpusOf(some)).length, 24);
});

const clinc150 = fileURLToPath(new URL("../../../shared/data/clinc150/train.jsonl", import.meta.url));

test("of the 150 intents of CLINC150, twenty near a household assistant are chosen", (context) => {
  if (!existsSync(clinc150)) return context.skip("CLINC150 is not there");
  const { actions, base, heldOut, pool } = divideCorpus(readCorpus(clinc150), 1);
  assert.equal(actions.length, 20);
  assert.ok(actions.includes("shopping_list_update") && actions.includes("alarm") && !actions.includes("translate"));
  assert.equal(base.length, 40);
  assert.equal(heldOut.length, 300);
  assert.ok(pool.length > 1_500, `${pool.length}`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseBase } from "../../src/sandbox/choose-base.ts";
import { actions, generateCorpus } from "../../src/sandbox/corpus.ts";
import { words } from "../../src/sandbox/features.ts";

const corpus = generateCorpus({ seed: 1 });

test("the corpus holds thousands of utterances, no text twice, the same number of each action", () => {
  assert.ok(actions.length >= 12);
  assert.ok(corpus.length >= 6000);
  assert.equal(new Set(corpus.map(({ text }) => text)).size, corpus.length);
  for (const action of actions)
    assert.equal(corpus.filter(({ label }) => label === action).length, corpus.length / actions.length);
});

test("every placeholder is filled and every alternative is settled", () => {
  for (const { text } of corpus) assert.doesNotMatch(text, /[{}()|]|undefined|\s\s|^\s|\s$/, text);
});

test("the same seed gives the same corpus and another seed another one", () => {
  assert.deepEqual(generateCorpus({ seed: 7, perAction: 50 }), generateCorpus({ seed: 7, perAction: 50 }));
  assert.notDeepEqual(generateCorpus({ seed: 7, perAction: 50 }), generateCorpus({ seed: 8, perAction: 50 }));
});

test("actions share most of their common words, so that no word alone gives one away", () => {
  const users = new Map<string, Set<string>>();
  for (const { text, label } of corpus)
    for (const word of words(text)) users.set(word, (users.get(word) ?? new Set()).add(label));
  const shared = [...users.values()].filter((labels) => labels.size >= 2).length;
  assert.ok(shared / users.size > 0.5, `${shared} of ${users.size} words are shared`);
});

test("more utterances than the phrasebook can make is an error that says how many there are", () => {
  assert.throws(() => generateCorpus({ perAction: 1_000_000 }), /only \d+ different utterances found for "\w+"/);
});

test("the base holds as many of each action as asked for, the rest everything else, by the seed", () => {
  const { base, rest } = chooseBase(corpus, { perAction: 3, seed: 5 });
  for (const action of actions) assert.equal(base.filter(({ label }) => label === action).length, 3);
  const all = [...base, ...rest].map(({ text }) => text).sort();
  assert.deepEqual(all, corpus.map(({ text }) => text).sort());
  assert.deepEqual(chooseBase(corpus, { perAction: 3, seed: 5 }).base, base);
  assert.notDeepEqual(chooseBase(corpus, { perAction: 3, seed: 6 }).base, base);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { BANDS, bandKeys } from "../../../src/snapshot/near-duplicates/band-keys.ts";
import {
  findNearDuplicates,
  type NearDuplicateSearch,
} from "../../../src/snapshot/near-duplicates/find-near-duplicates.ts";
import { shuffled } from "../row.ts";
import { gramsOf, plainLikeness, plantCopies, shareOf } from "./planted-copies.ts";

/** Searches all texts, the first being of the most worth unless `changes` say otherwise. */
function search(texts: readonly string[], changes: Partial<NearDuplicateSearch> = {}) {
  const keys = texts.map(bandKeys);
  return findNearDuplicates({
    rows: Uint32Array.from(texts.keys()),
    band: (band) => Uint32Array.from(keys, (of) => of[band]!),
    texts: (rows) => rows.map((row) => texts[row]!),
    threshold: 0.8,
    ...changes,
  });
}

const SENTENCE = "could you move my meeting with the dentist to the day after tomorrow and tell everybody about it";

for (const [threshold, recall] of [
  [0.7, 0.95],
  [0.8, 0.99],
  [0.9, 0.99],
] as const) {
  test(`at a likeness of ${threshold} near-copies are found, and nothing else`, async () => {
    const { texts } = plantCopies(400, 200, 41);
    const { duplicateOf, dropped } = await search(texts, { threshold });
    const grams = texts.map(gramsOf);
    let near = 0;
    let missed = 0;
    for (let later = 0; later < texts.length; later += 1) {
      for (let earlier = 0; earlier < later; earlier += 1) {
        if (shareOf(grams[earlier]!, grams[later]!) < threshold) continue;
        near += 1;
        if (duplicateOf[earlier] === -1 && duplicateOf[later] === -1) missed += 1;
      }
    }
    assert.ok(near > 30, `${near} pairs`);
    assert.ok(missed <= near * (1 - recall), `${missed} of ${near} missed`);
    assert.equal(dropped, duplicateOf.filter((original) => original !== -1).length);
    for (const [row, original] of duplicateOf.entries()) {
      if (original === -1) continue;
      assert.ok(original < row, "the one that stays is worth more");
      assert.equal(duplicateOf[original], -1, "and stays");
      assert.ok(plainLikeness(texts[original]!, texts[row]!) >= threshold, "and is a near-copy");
    }
  });
}

test("what the rows are numbered changes nothing, only their order of worth does", async () => {
  const { texts } = plantCopies(400, 300, 43);
  const inOrder = await search(texts);
  const numbers = shuffled([...texts.keys()], 3);
  const renumbered: string[] = [];
  for (const [place, number] of numbers.entries()) renumbered[number] = texts[place]!;
  const other = await search(renumbered, { rows: Uint32Array.from(numbers) });
  const expected = inOrder.duplicateOf.map((original) => (original === -1 ? -1 : numbers[original]!));
  assert.deepEqual(other.duplicateOf, expected);
  assert.ok(other.dropped > 30);
});

test("of two near-copies the one of more worth stays, and rows that are not asked about do not count", async () => {
  const texts = [SENTENCE, `${SENTENCE}!`, `${SENTENCE}?`];
  assert.deepEqual([...(await search(texts, { rows: Uint32Array.of(2, 1) })).duplicateOf], [-1, 2]);
  assert.deepEqual([...(await search(texts, { rows: Uint32Array.of(1, 2) })).duplicateOf], [-1, 1]);
});

test("a near-copy of one that is dropped stays where it is no near-copy of one that stays", async () => {
  // As one alphabet after another they share nothing, so that likeness can be counted: 76 in 96 grams, then 56 in 116.
  const letters = Array.from({ length: 140 }, (_, index) => String.fromCharCode(0x4e00 + index)).join("");
  const texts = [letters.slice(0, 90), letters.slice(10, 100), letters.slice(20, 110)];
  const threshold = 0.75;
  assert.ok(plainLikeness(texts[0]!, texts[1]!) >= threshold && plainLikeness(texts[1]!, texts[2]!) >= threshold);
  assert.ok(plainLikeness(texts[0]!, texts[2]!) < threshold);
  const { duplicateOf } = await search(texts, { threshold, band: () => new Uint32Array(3) });
  assert.deepEqual([...duplicateOf], [-1, 0, -1]);
});

test("the likeness that is asked for is enough, to the last digit", async () => {
  const letters = Array.from({ length: 60 }, (_, index) => String.fromCharCode(0x4e00 + index)).join("");
  // 40 grams in common of 50 in all.
  const texts = [letters.slice(0, 49), letters.slice(5, 54)];
  assert.equal(plainLikeness(texts[0]!, texts[1]!), 0.8);
  assert.equal((await search(texts, { band: () => new Uint32Array(2) })).dropped, 1);
  assert.equal((await search(texts, { band: () => new Uint32Array(2), threshold: 0.8000001 })).dropped, 0);
});

test("rows whose keys are the same by chance or by attack stay, for their texts differ", async () => {
  const { texts, copiedFrom } = plantCopies(60, 300, 47);
  const strangers = texts.filter((_, index) => copiedFrom[index] === -1);
  const { dropped, cutShort } = await search(strangers, { band: () => new Uint32Array(strangers.length) });
  assert.deepEqual({ dropped, cutShort }, { dropped: 0, cutShort: 0 });
});

test("thousands of the same text leave the first", async () => {
  const { duplicateOf, dropped, cutShort } = await search(Array.from({ length: 3_000 }, () => SENTENCE));
  assert.deepEqual({ dropped, cutShort }, { dropped: 2_999, cutShort: 0 });
  assert.ok(duplicateOf.subarray(1).every((original) => original === 0));
});

test("where hundreds share a bucket, comparing is bounded, said, and goes to those that share the most", async () => {
  const strangers = Array.from({ length: 500 }, (_, index) => `${index} `.repeat(20));
  const texts = [SENTENCE, ...strangers, `${SENTENCE}!`];
  const keys = texts.map(bandKeys);
  const crowded = { band: (band: number) => Uint32Array.from(keys, (of) => (band === 0 ? 0 : of[band]!)) };
  const { duplicateOf, dropped, cutShort } = await search(texts, crowded);
  assert.equal(duplicateOf.at(-1), 0);
  assert.equal(dropped, 1);
  // All but the first 65 have more than 64 before them, and the last one found what it was looking for.
  assert.equal(cutShort, texts.length - 65 - 1);
  const alike = await search(texts, { band: () => new Uint32Array(texts.length) });
  assert.equal(alike.dropped, 0, "nothing tells the near-copy apart, and it lies too far");
});

test("comparing is bounded, too, where a row shares many buckets with a few rows each", async () => {
  const strangers = Array.from({ length: 200 }, (_, index) => `${index} `.repeat(20));
  const band = (of: number) => Uint32Array.from(strangers, (_, row) => Math.floor(row / (of + 1)) % 10);
  const { dropped, cutShort } = await search(strangers, { band });
  assert.equal(dropped, 0);
  assert.ok(cutShort > 50 && cutShort < 200 - 64, `${cutShort}`);
});

test("texts are asked for some at a time, may take their time, and must all come", async () => {
  const { texts } = plantCopies(600, 300, 53);
  const asked: number[] = [];
  const slowly = async (rows: readonly number[]) => {
    asked.push(rows.length);
    return rows.map((row) => texts[row]!);
  };
  const found = await search(texts, { texts: slowly });
  assert.deepEqual(found, await search(texts));
  // Each of the later half has twenty of the earlier half that might be its original.
  const crossed = (band: number) => Uint32Array.from(texts, (_, row) => (row < 300 ? row : (row * 20 + band) % 300));
  await search(texts, { texts: slowly, band: crossed });
  assert.ok(Math.max(...asked) <= 128 && Math.max(...asked) > 64, `${asked}`);
  await assert.rejects(search(texts, { texts: () => [] }), /were asked for, and 0 came/);
});

test("others get their turn, and hear how far it is", async () => {
  const { texts } = plantCopies(600, 300, 59);
  let turns = 0;
  let working = true;
  const other = () => {
    turns += 1;
    if (working) setImmediate(other);
  };
  setImmediate(other);
  const heard: number[] = [];
  await search(texts, { onProgress: (share) => heard.push(share) });
  working = false;
  assert.ok(turns >= BANDS, `${turns} turns`);
  assert.deepEqual(
    heard,
    heard.toSorted((a, b) => a - b),
  );
  assert.ok(heard[0]! > 0 && heard.at(-1) === 1);
});

test("it stops when it is told to, in either half of the work", async () => {
  const { texts } = plantCopies(3_000, 100, 61);
  for (const at of [0, 0.2, 0.6]) {
    const stop = new AbortController();
    let last = 0;
    const onProgress = (share: number) => {
      last = share;
      if (share >= at) stop.abort(new Error("enough"));
    };
    if (at === 0) stop.abort(new Error("enough"));
    await assert.rejects(search(texts, { signal: stop.signal, onProgress }), /enough/);
    assert.ok(last >= at && last < at + 0.1, `${last}`);
  }
});

test("no rows, rows without a word, and hostile ones are no trouble", async () => {
  assert.deepEqual((await search([])).duplicateOf, new Int32Array());
  const hostile = [
    "",
    " \n",
    "ok",
    "OK ",
    "\u0000".repeat(9),
    "\ud800".repeat(9),
    "a".repeat(60_000),
    "a".repeat(70_000),
  ];
  const { duplicateOf } = await search([...hostile, "\ud801".repeat(9), "A".repeat(60_001)]);
  assert.deepEqual([...duplicateOf], [-1, -1, -1, 2, -1, -1, -1, -1, -1, 6]);
});

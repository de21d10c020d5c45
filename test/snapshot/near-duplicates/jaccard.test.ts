import assert from "node:assert/strict";
import { test } from "node:test";
import { comparable, likeness, READ } from "../../../src/snapshot/near-duplicates/comparable.ts";
import { jaccard } from "../../../src/snapshot/near-duplicates/jaccard.ts";
import { normalise } from "../../../src/snapshot/normalise.ts";
import { chance } from "../row.ts";
import { plainLikeness, plantCopies } from "./planted-copies.ts";

test("the share is that of plain sets of strings, also where grams repeat", () => {
  const random = chance(5);
  const text = (letters: number) =>
    Array.from({ length: 5 + Math.floor(60 * random()) }, () => "abcé🙂"[Math.floor(letters * random())]).join("");
  for (let round = 0; round < 2_000; round += 1) {
    const letters = 1 + (round % 6);
    const [one, other] = [text(letters), text(letters)];
    assert.equal(jaccard(one, other), plainLikeness(one, other), `${one} and ${other}`);
    assert.equal(jaccard(one, other), jaccard(other, one));
  }
  const { texts, copiedFrom } = plantCopies(100, 2_000, 1);
  for (const [copy, original] of copiedFrom.entries()) {
    const [one, other] = [normalise(texts[copy]!), normalise(texts[original] ?? texts[0]!)];
    assert.equal(jaccard(one, other), plainLikeness(one, other));
  }
});

test("grams of the same hash are told apart by their letters", () => {
  // Found by trying: the hashes are 32 bits, the grams 80.
  assert.equal(jaccard("局垭例吼叫", "庠外亜夦塗"), 0);
});

test("texts shorter than a gram are alike only when they are the same, and empty ones never", () => {
  assert.equal(jaccard("ok", "ok"), 1);
  assert.equal(jaccard("ok", "okay"), 0);
  assert.equal(jaccard("okay", "okay!"), 0);
  assert.equal(jaccard("", ""), 0);
  assert.equal(jaccard("", "a text"), 0);
});

test("different lone surrogates are different letters", () => {
  assert.equal(jaccard("\ud800".repeat(9), "\ud801".repeat(9)), 0);
  assert.equal(jaccard("\ud800".repeat(9), "\ud800".repeat(7)), 1);
});

test("of a long text what lies beyond the part that is cut into grams must be the same", () => {
  const words = plantCopies(1, READ, 3).texts[0]!;
  const [one, same, other] = ["\ud800", "\ud800", "\ud801"].map((end) => comparable(words + end));
  assert.equal(likeness(one!, same!), 1);
  assert.equal(likeness(one!, other!), 0);
  assert.equal(likeness(one!, comparable(words)), 0);
});

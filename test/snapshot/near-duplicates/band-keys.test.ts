import assert from "node:assert/strict";
import { test } from "node:test";
import { BANDS, bandKeys, bandsFromBytes, bandsToBytes } from "../../../src/snapshot/near-duplicates/band-keys.ts";
import { READ } from "../../../src/snapshot/near-duplicates/comparable.ts";
import { plainLikeness, plantCopies } from "./planted-copies.ts";

/** Kept keys are compared with new ones for ever: a change here is a change of the recipe. */
const KNOWN: readonly (readonly [string, string])[] = [
  ["", "5d4269e4".repeat(BANDS)],
  ["ok", "f47fa0b4".repeat(BANDS)],
  ["a".repeat(70_000), "ffd4b1b6".repeat(BANDS)],
  [
    "Please move my meeting to the day after tomorrow.",
    "ae1f96ff7d46e31438cd442ed8b9a1317055e34152e6e0e92d5f74470105fe3effbe8130065f74c530e9d94fac2f51e3677b3427977bec8eb9041c2b54d19b97ab09b4c52c3d2cd80d5a6208ce0913d2",
  ],
  [
    "Où est le café ? 🙂 \ud800",
    "eb386be2ccf753cd34fafbe0867356ec25034a6fcd5b9d2be0f0d4821a3e354ac7c57575f7fcf23187b50c03bf6dee0f5893abb40b9679c4150dfc67c5d73c1fc1d8ba6372d583aa14e5dbbb0a6612ae",
  ],
];

test("the keys of a text are the same on every machine and for ever, whatever text came before", () => {
  for (const [text, bytes] of [...KNOWN, ...KNOWN.toReversed()])
    assert.equal(bandsToBytes(bandKeys(text)).toString("hex"), bytes);
});

test("keys come back from their bytes as they were, and too few bytes are refused", () => {
  const keys = bandKeys("as they were");
  const bytes = bandsToBytes(keys);
  assert.equal(bytes.length, 80);
  assert.deepEqual(bandsFromBytes(bytes), keys);
  assert.throws(() => bandsFromBytes(bytes.subarray(0, 79)), RangeError);
});

test("case, white space and composition change no key", () => {
  const keys = bandKeys("où est le café, et quand ouvre-t-il ?");
  assert.deepEqual(bandKeys("  Où est\nle CAFE\u0301,\tet quand   ouvre-t-il ? "), keys);
  assert.deepEqual(bandKeys("ok"), bandKeys(" OK\n"));
  assert.notDeepEqual(bandKeys("ok"), bandKeys("no"));
});

for (const length of [40, 120, 448]) {
  test(`texts of ${length} characters agree in a band as often as their likeness to the sixth says`, () => {
    const { texts, copiedFrom } = plantCopies(8_000, length, 17);
    let expected = 0;
    let agreed = 0;
    let pairs = 0;
    for (const [copy, original] of copiedFrom.entries()) {
      if (original === -1) continue;
      const [one, other] = [bandKeys(texts[copy]!), bandKeys(texts[original]!)];
      pairs += 1;
      expected += plainLikeness(texts[copy]!, texts[original]!) ** 6;
      agreed += one.filter((key, band) => key === other[band]).length / BANDS;
    }
    assert.ok(pairs > 1_000);
    assert.ok(Math.abs(agreed - expected) / pairs < 0.02, `${agreed / pairs} and ${expected / pairs}`);
  });
}

test("strangers share next to no band", () => {
  const { texts, copiedFrom } = plantCopies(1_000, 448, 29);
  const strangers = texts.filter((_, index) => copiedFrom[index] === -1).map(bandKeys);
  const seen = Array.from({ length: BANDS }, () => new Set<number>());
  let shared = 0;
  for (const keys of strangers)
    for (const [band, key] of keys.entries()) {
      if (seen[band]!.has(key)) shared += 1;
      seen[band]!.add(key);
    }
  assert.ok(shared <= 2, `${shared}`);
});

test("of ten million letters only the first ones are read, and a text that normalising lengthens is no exception", () => {
  const head = "héllo wörld ".repeat(READ / 12 + 1).slice(0, READ);
  assert.deepEqual(bandKeys(head + "x".repeat(10_000_000)), bandKeys(`${head}y`));
  // Each of these letters becomes three.
  assert.equal(bandKeys("\ufb2c".repeat(READ)).length, BANDS);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { diffManifests } from "../../src/snapshot/diff-manifests.ts";
import { narrowed } from "../../src/snapshot/narrowed.ts";
import { type ManifestRead, readManifest, tokensOf } from "../../src/snapshot/read-manifest.ts";
import { built, options } from "./built.ts";
import { row } from "./row.ts";

async function manifest(
  count: number,
  given: Parameters<typeof options>[0] = {},
  more: Parameters<typeof options>[1] = {},
) {
  const rows = Array.from({ length: count }, (_, at) => row(at, { actionType: at % 4 === 0 ? "alarm" : "todo" }));
  return readManifest(JSON.parse(JSON.stringify((await built(rows, options(given, more))).manifest)))!;
}

/** As the first format had it. */
const OLD: ManifestRead = readManifest({
  format: "ratchet-snapshot/1",
  loop: "demo",
  created_for: "2026-01-02T03:04:05.000Z",
  settings: { minQuality: 0.7 },
  watermark: 3,
  code_version: "0.0.1",
  seed: "demo",
  files: [{ name: "training-snapshot-2026-01-02.jsonl", role: "training", sha256: "ab", bytes: 9, examples: 1 }],
  considered: 2,
  kept: 1,
  dropped: { "rated-down": 1 },
  by_action_type: { todo: { before: 2, after: 1 } },
  redactions: { EMAIL: 1 },
})!;

test("a snapshot does not differ from itself", async () => {
  const one = await manifest(30);
  const diff = diffManifests(one, one);
  assert.deepEqual(
    [diff.settings, diff.dropped, diff.by_action_type, diff.redactions, diff.narrowed, diff.files],
    [[], [], [], [], [], []],
  );
  assert.deepEqual([diff.recipe, diff.code_version, diff.seed, diff.gold], [null, null, null, null]);
  assert.deepEqual(diff.kept, { from: 30, to: 30 });
});

test("what differs is named, from and to: settings, counts with their shares, files", async () => {
  const [a, b] = [
    await manifest(30),
    await manifest(40, { minQuality: 0.9, actionTypes: ["todo"] }, { watermark: 20 }),
  ];
  const diff = diffManifests(a, b);
  assert.deepEqual(diff.settings, [
    { name: "actionTypes", from: null, to: ["todo"] },
    { name: "minQuality", from: 0.7, to: 0.9 },
  ]);
  assert.deepEqual(
    [diff.watermark, diff.considered, diff.kept],
    [
      { from: 12, to: 20 },
      { from: 30, to: 40 },
      { from: 30, to: 30 },
    ],
  );
  assert.deepEqual(diff.dropped, [{ rule: "other-action", from: 0, to: 10, from_share: 0, to_share: 0.25 }]);
  assert.deepEqual(diff.by_action_type, [
    { action: "alarm", from: 8, to: 0, from_share: 0.2667, to_share: 0 },
    { action: "todo", from: 22, to: 30, from_share: 0.7333, to_share: 1 },
  ]);
  assert.deepEqual(diff.tokens, { from: tokensOf(a), to: tokensOf(b) });
  const training = (one: ManifestRead) => one.files.find(({ role }) => role === "training")?.sha256;
  const file = diff.files.find(({ role }) => role === "training");
  assert.deepEqual([file?.from?.sha256, file?.to?.sha256], [training(a), training(b)]);
});

test("a share that changed is named though its count did not", async () => {
  const [a, b] = [await manifest(30), await manifest(30)];
  const dropped = { "rated-down": 3 };
  assert.deepEqual(diffManifests({ ...a, dropped }, { ...b, dropped, considered: 60 }).dropped, [
    { rule: "rated-down", from: 3, to: 3, from_share: 0.1, to_share: 0.05 },
  ]);
});

test("how rows were prepared is compared by its parts", async () => {
  const a = await manifest(5);
  const b = { ...a, recipe: { ...a.recipe!, id: "0123456789abcdef", redact: ["EMAIL"] } };
  const diff = diffManifests(a, b);
  assert.deepEqual(diff.recipe, { from: a.recipe!.id, to: "0123456789abcdef" });
  assert.deepEqual(diff.settings, [{ name: "recipe.redact", from: "all", to: ["EMAIL"] }]);
});

test("what the first format did not say is unknown, and no change to nothing", async () => {
  const diff = diffManifests(OLD, await manifest(5));
  assert.deepEqual(
    [diff.tokens.from, diff.own_outputs.from, diff.diversity.from, diff.narrowed],
    [null, null, null, []],
  );
  assert.equal(diff.recipe?.from, null);
  assert.deepEqual(diff.redactions, [{ type: "EMAIL", from: 1, to: 0 }]);
});

test("an action may be named as a property of every object is", () => {
  const actions = Object.fromEntries([["constructor", { before: 2, after: 1 }]]);
  assert.deepEqual(diffManifests(OLD, { ...OLD, by_action_type: actions }).by_action_type, [
    { action: "constructor", from: 0, to: 1, from_share: 0, to_share: 1 },
    { action: "todo", from: 1, to: 0, from_share: 1, to_share: 0 },
  ]);
});

const VARIED = { sampled: 1000, distinct_2: 0.8, people: 100, actions: 5, effective_actions: 4 };

test("it says in a sentence what narrowed, and nothing of a fall that is chance, or of a rise", () => {
  assert.deepEqual(narrowed(VARIED, { ...VARIED, distinct_2: 0.78, people: 96, effective_actions: 3.9 }), []);
  assert.deepEqual(narrowed(VARIED, { ...VARIED, distinct_2: 0.9, people: 200, effective_actions: 5 }), []);
  assert.deepEqual(narrowed(VARIED, { ...VARIED, distinct_2: 0.61, people: 80, effective_actions: 2.5 }), [
    "Answers repeat one another more: 61.0 % of their pairs of words are different, 80.0 % before.",
    "Actions are less varied: as 2.5 equally frequent ones, 4 before.",
    "Fewer people speak: 80, 100 before.",
  ]);
  assert.deepEqual(narrowed(null, VARIED), []);
  assert.deepEqual(narrowed({ ...VARIED, distinct_2: null }, VARIED), []);
});

test("more answers repeat one another more, and that is no narrowing", () => {
  const after = { ...VARIED, distinct_2: 0.5 };
  assert.deepEqual(narrowed({ ...VARIED, sampled: 200 }, after), []);
  assert.equal(narrowed({ ...VARIED, sampled: 980 }, after).length, 1);
  assert.equal(narrowed(VARIED, { ...after, sampled: 200 }).length, 1);
});

test("what is no manifest is none", () => {
  assert.deepEqual([readManifest({}), readManifest(null), readManifest("x")], [null, null, null]);
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { canonicalJson } from "../../src/domain/canonical-json.ts";
import { buildSnapshot, type SnapshotOptions, type SnapshotSettings } from "../../src/snapshot/build.ts";
import type { SnapshotRow } from "../../src/snapshot/row.ts";
import { row, shuffled } from "./row.ts";

function options(settings: Partial<SnapshotSettings> = {}, changes: Partial<SnapshotOptions> = {}): SnapshotOptions {
  return {
    loop: "demo",
    settings: {
      minQuality: 0.7,
      positiveOnly: true,
      missingQuality: "pass",
      redact: "all",
      validationShare: 0.2,
      maxFileBytes: 50_000_000,
      ...settings,
    },
    asOf: new Date("2026-02-03T23:59:00Z"),
    watermark: 12,
    codeVersion: "0.0.1",
    seed: "demo",
    ...changes,
  };
}

async function built(rows: readonly SnapshotRow[], given: SnapshotOptions) {
  const outcome = await buildSnapshot(rows, given);
  assert.ok(outcome.kind === "built", outcome.words);
  return outcome;
}

const many = Array.from({ length: 200 }, (_, number) =>
  row(number, {
    unit: `unit-${number % 40}`,
    actionType: number % 3 === 0 ? "todo" : "meal",
    rating: number % 5 === 0 ? -1 : 1,
    messages: [{ role: "user", content: `question ${number % 150}, call +1 212 555 0187` }],
    response: `answer ${number % 150}`,
  }),
);

test("the same rows in any order give the same bytes", async () => {
  const first = await built(many, options());
  for (let seed = 1; seed <= 5; seed += 1) {
    const again = await built(shuffled(many, seed), options());
    assert.equal(again.manifestSha256, first.manifestSha256);
    assert.deepEqual(again.files, first.files);
    assert.deepEqual(again.examples, first.examples);
  }
});

test("another seed, watermark or setting gives another manifest", async () => {
  const first = await built(many, options());
  const others = [
    options({}, { seed: "x" }),
    options({}, { watermark: 13 }),
    options({ validationShare: 0.3 }),
    options({ redact: ["EMAIL"] }),
  ];
  for (const other of others) assert.notEqual((await built(many, other)).manifestSha256, first.manifestSha256);
});

test("the files are named after the day, and the manifest's hashes, sizes and counts are theirs", async () => {
  const { files, manifest, manifestSha256 } = await built(many, options());
  assert.deepEqual(
    files.map((file) => file.name),
    [
      "training-snapshot-2026-02-03.jsonl",
      "validation-snapshot-2026-02-03.jsonl",
      "examples-snapshot-2026-02-03.jsonl",
    ],
  );
  for (const [index, file] of files.entries()) {
    const listed = manifest.files[index];
    assert.equal(listed?.sha256, createHash("sha256").update(file.content).digest("hex"));
    assert.equal(listed?.bytes, file.content.length);
    assert.equal(listed?.examples, file.content.toString().split("\n").length - 1);
  }
  assert.equal(
    manifestSha256,
    createHash("sha256")
      .update(`${canonicalJson(manifest, 2)}\n`)
      .digest("hex"),
  );
});

test("what was considered is what was kept and what each rule dropped, by action type too", async () => {
  const { manifest, words } = await built(many, options());
  const dropped = Object.values(manifest.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(manifest.considered, 200);
  assert.equal(manifest.kept + dropped, 200);
  assert.equal(manifest.dropped["not-rated-up"], 40);
  const actions = Object.values(manifest.by_action_type);
  assert.equal(
    actions.reduce((sum, action) => sum + action.before, 0),
    200,
  );
  assert.equal(
    actions.reduce((sum, action) => sum + action.after, 0),
    manifest.kept,
  );
  assert.equal(manifest.redactions.PHONE, manifest.kept);
  assert.match(words, /^80 of 200 dropped: 40 duplicates, 40 not rated up$/);
});

test("no person stands on both sides, and both sides have people", async () => {
  const { examples } = await built(many, options());
  const units = (role: string) => new Set(examples.filter((one) => one.file.startsWith(role)).map((one) => one.unit));
  const [training, validation] = [units("training"), units("validation")];
  assert.ok(validation.size > 0 && training.size > 0);
  assert.deepEqual(
    [...training].filter((unit) => validation.has(unit)),
    [],
  );
});

test("someone without an identity is kept together by the conversation", async () => {
  const rows = Array.from({ length: 300 }, (_, number) =>
    row(number, { unit: null, conversation: `conversation-${number % 30}` }),
  );
  const { examples } = await built(rows, options());
  const side = new Map<string, string>();
  for (const { interactionId, file } of examples.filter((one) => !one.file.startsWith("examples"))) {
    const conversation = String(Number(interactionId.slice(-4)) % 30);
    assert.equal(side.get(conversation) ?? file, file);
    side.set(conversation, file);
  }
  assert.equal(new Set(side.values()).size, 2);
});

test("every line can be traced to its interaction", async () => {
  const { files, examples } = await built(many, options());
  for (const { line, file, interactionId } of examples) {
    const content =
      files
        .find((one) => one.name === file)
        ?.content.toString()
        .split("\n")[line - 1] ?? "";
    assert.ok(content.includes(`question ${Number(interactionId.slice(-4)) % 150},`), `${file}:${line}`);
  }
});

test("approved examples are those that train, and none that validates", async () => {
  const { examples } = await built(many, options());
  const ids = (role: string) => examples.filter((one) => one.file.startsWith(role)).map((one) => one.interactionId);
  assert.deepEqual(ids("examples"), ids("training"));
});

test("a validation side of fewer than ten examples, which trainers refuse, trains instead", async () => {
  for (const [count, wanted] of [
    [12, ["training", "examples"]],
    [120, ["training", "validation", "examples"]],
  ] as const) {
    const rows = Array.from({ length: count }, (_, number) =>
      row(number, { unit: `unit-${number}`, messages: [{ role: "user", content: `question ${number}` }] }),
    );
    const { files, manifest } = await built(rows, options({ validationShare: 0.3 }));
    assert.deepEqual(
      files.map((file) => file.role),
      wanted,
    );
    assert.equal(manifest.kept, count);
  }
});

test("a training side of fewer than ten examples, which trainers refuse, has all of them instead", async () => {
  // Half of the people validate; by some seeds that leaves nearly nobody to train on.
  const rows = Array.from({ length: 30 }, (_, number) => row(number, { unit: `unit-${number % 4}` }));
  const sizes = new Set<number>();
  for (const seed of Array.from({ length: 40 }, (_, number) => `seed ${number}`)) {
    const { manifest } = await built(rows, options({ validationShare: 0.5 }, { seed }));
    const { examples } = manifest.files.find(({ role }) => role === "training")!;
    assert.ok(examples >= 10, `${seed}: ${examples} examples to train on`);
    sizes.add(examples);
  }
  assert.ok(sizes.has(30) && sizes.size > 2, `some have all and others a part: ${[...sizes].join(", ")}`);
});

test("a single person trains and does not validate", async () => {
  const rows = [row(1), row(2)].map((one) => ({ ...one, unit: "only" }));
  for (const validationShare of [0, 0.999]) {
    const { files } = await built(rows, options({ validationShare }));
    assert.deepEqual(
      files.map((file) => file.role),
      ["training", "examples"],
    );
  }
});

test("where a file must be small, the best-rated and newest that fit stay and the rest is counted", async () => {
  const rows = [row(1, { quality: 0.9 }), row(2, { quality: 0.8 }), row(3, { quality: 1 })];
  const { files, manifest, examples } = await built(rows, options({ validationShare: 0, maxFileBytes: 300 }));
  assert.ok((files[0]?.content.length ?? 0) <= 300);
  assert.deepEqual(
    examples.filter((one) => one.file.startsWith("training")).map((one) => one.interactionId),
    ["interaction-0001", "interaction-0003"],
  );
  assert.equal(manifest.dropped["over-file-size"], 1);
});

test("nothing left is an outcome with its reasons", async () => {
  const rows = Array.from({ length: 3 }, (_, number) => row(number, { quality: number === 0 ? null : 0.1 }));
  const outcome = await buildSnapshot(rows, options({ missingQuality: "drop" }));
  assert.deepEqual(outcome, {
    kind: "empty",
    considered: 3,
    dropped: { "below-quality": 2, "no-quality": 1 },
    words: "3 of 3 dropped: 2 below quality 0.7, 1 without a quality",
  });
});

test("rows may come one by one from somewhere else", async () => {
  async function* source() {
    yield* many;
  }
  const streamed = await buildSnapshot(source(), options());
  assert.deepEqual(streamed, await built(many, options()));
});

test("hostile rows are dropped by name and take nobody with them", async () => {
  let nested: unknown = "x";
  for (let depth = 0; depth < 5_000; depth += 1) nested = [nested];
  const rows = [
    row(1),
    row(2, { messages: [{ role: "user", content: "hi", nested }] }),
    row(3, { messages: [{ role: "user", content: "w".repeat(60_000) }], actionType: "__proto__" }),
    row(4, { response: "\u0000 \u0000" }),
  ];
  const { manifest } = await built(rows, options());
  assert.equal(manifest.kept, 2);
  assert.deepEqual(manifest.dropped, { "nested-too-deeply": 1, "empty-answer": 1 });
  assert.deepEqual(Object.keys(manifest.by_action_type).sort(), ["__proto__", "todo"]);
});

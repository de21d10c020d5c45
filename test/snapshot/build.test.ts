import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../src/domain/canonical-json.ts";
import { sha256 } from "../../src/domain/sha256.ts";
import { build, built, options } from "./built.ts";
import { idOf, numberOf, row, type TestRow } from "./row.ts";

const many = Array.from({ length: 200 }, (_, number) =>
  row(number, {
    unit: `unit-${number % 40}`,
    actionType: number % 3 === 0 ? "todo" : "meal",
    rating: number % 5 === 0 ? -1 : 1,
    messages: [{ role: "user", content: `question ${number % 150}, call +1 212 555 0187` }],
    response: `answer ${number % 150}`,
  }),
);

test("the same rows give the same bytes, however many come at a time", async () => {
  const first = await build(many, options());
  for (const chunk of [1, 7, 1000]) assert.deepEqual(await build(many, options(), chunk), first);
});

test("another seed, watermark or setting gives another manifest", async () => {
  const first = await built(many, options());
  const others = [
    options({}, { seed: "x" }),
    options({}, { watermark: 13 }),
    options({ validationShare: 0.3 }),
    options({}, { recipe: { ...options().recipe, redact: ["EMAIL"] } }),
  ];
  for (const other of others) assert.notEqual((await built(many, other)).manifestSha256, first.manifestSha256);
});

test("the files are named after the day, and the manifest's hashes, sizes and counts are theirs", async () => {
  const { files, manifest, manifestSha256, pages } = await built(many, options());
  const names = ["training", "validation", "examples", "rejected"].map((role) => `${role}-snapshot-2026-02-03.jsonl`);
  assert.deepEqual(
    manifest.files.map((file) => file.name),
    names,
  );
  for (const { name, sha256: named, bytes, examples } of manifest.files) {
    const text = files.get(name)!;
    assert.deepEqual([named, bytes, examples], [sha256(text), Buffer.byteLength(text), text.split("\n").length - 1]);
  }
  assert.deepEqual([...files.keys()].sort(), [...names, "CARD.md", "manifest.json"].sort());
  assert.equal(files.get("manifest.json"), `${canonicalJson(manifest, 2)}\n`);
  assert.equal(manifestSha256, sha256(files.get("manifest.json")!));
  assert.deepEqual(
    pages.map(({ name, sha256: named }) => [name, named]),
    ["manifest.json", "CARD.md"].map((name) => [name, sha256(files.get(name)!)]),
  );
});

test("the second snapshot of a day says so in its names", async () => {
  const { manifest } = await built(many, options({}, { numberOfDay: 2 }));
  assert.equal(manifest.files[0]!.name, "training-snapshot-2026-02-03-2.jsonl");
});

test("what was considered is what was kept and what each rule dropped, by action type too", async () => {
  const { manifest, words } = await built(many, options());
  const sum = (counts: number[]) => counts.reduce((all, count) => all + count, 0);
  assert.equal(manifest.considered, 200);
  assert.equal(manifest.kept + sum(Object.values(manifest.dropped)), 200);
  assert.equal(manifest.dropped["not-rated-up"], 40);
  const actions = Object.values(manifest.by_action_type);
  assert.equal(sum(actions.map(({ before }) => before)), 200);
  assert.equal(sum(actions.map(({ after }) => after)), manifest.kept);
  assert.equal(manifest.redactions.PHONE, manifest.kept);
  assert.match(words, /^80 of 200 dropped: 40 duplicates, 40 not rated up$/);
});

const unitOf = (rows: readonly TestRow[]) => {
  const units = new Map(rows.map(({ id, unit }) => [id, unit]));
  return (id: string) => units.get(id);
};

test("no person stands on both sides, and both sides have people", async () => {
  const { lines } = await built(many, options());
  const of = unitOf(many);
  const units = (role: string) =>
    new Set(lines.filter(({ file }) => file.startsWith(role)).map(({ interactionId }) => of(interactionId)));
  const [training, validation] = [units("training"), units("validation")];
  assert.ok(validation.size > 0 && training.size > 0);
  assert.deepEqual(
    [...training].filter((unit) => validation.has(unit)),
    [],
  );
});

test("someone without an identity is kept together by the conversation, and a conversation of two people joins them", async () => {
  const rows = Array.from({ length: 300 }, (_, number) =>
    row(number, {
      unit: number % 2 === 0 ? null : `unit-${number % 50}`,
      conversation: `conversation-${number % 30}`,
    }),
  );
  const { lines } = await built(rows, options({}, { seed: "another" }));
  const side = new Map<string, string>();
  for (const { interactionId, file } of lines) {
    const { unit, conversation } = rows[numberOf(interactionId)]!;
    for (const group of [unit, conversation].filter((one) => one !== null)) {
      assert.equal(side.get(group) ?? file, file, group);
      side.set(group, file);
    }
  }
  assert.equal(new Set(side.values()).size, 2);
});

test("every line can be traced to its interaction and to the rating that spoke for it", async () => {
  const { files, lines, manifest } = await built(many, options());
  assert.equal(lines.filter(({ file }) => /^(training|validation)-/.test(file)).length, manifest.kept);
  for (const { line, file, interactionId, feedbackId } of lines) {
    const content = files.get(file)!.split("\n")[line - 1] ?? "";
    assert.ok(content.includes(`question ${numberOf(interactionId) % 150},`), `${file}:${line}`);
    assert.equal(feedbackId, `feedback of ${interactionId}`);
  }
});

test("approved examples are those that train, and none that validates; each says what was asked last", async () => {
  const asked = [
    { role: "user", content: "first" },
    { role: "assistant", content: "yes?" },
    { role: "user", content: [{ type: "text", text: "write jane@acme.com" }] },
  ];
  const rows = many.with(1, { ...many[1]!, messages: asked, rating: 1 });
  const { read, lines } = await built(rows, options());
  const trained = lines.filter(({ file }) => file.startsWith("training")).map(({ interactionId }) => interactionId);
  const examples = read("examples");
  assert.deepEqual(
    examples.map((example) => example.interaction_id),
    trained,
  );
  assert.deepEqual(
    examples.find((example) => example.interaction_id === idOf(1)),
    {
      interaction_id: idOf(1),
      unit: "unit-1",
      action_type: "meal",
      prompt: "write [EMAIL_1]",
      response: { role: "assistant", content: "answer 1" },
    },
  );
});

test("a validation side of fewer than ten examples, which trainers refuse, trains instead", async () => {
  for (const [count, wanted] of [
    [12, ["training", "examples"]],
    [120, ["training", "validation", "examples"]],
  ] as const) {
    const rows = Array.from({ length: count }, (_, number) => row(number));
    const { manifest } = await built(rows, options({ validationShare: 0.3 }));
    assert.deepEqual(
      manifest.files.map((file) => file.role),
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
  for (const validationShare of [0, 0.5]) {
    const { manifest } = await built(rows, options({ validationShare }));
    assert.deepEqual(
      manifest.files.map((file) => file.role),
      ["training", "examples"],
    );
  }
});

test("where a file must be small, the best-rated and newest that fit stay and the rest is counted", async () => {
  const rows = [row(1, { quality: 0.9 }), row(2, { quality: 0.8 }), row(3, { quality: 1 })];
  const { manifest, lines } = await built(rows, options({ validationShare: 0, maxFileBytes: 300 }));
  assert.ok(manifest.files[0]!.bytes <= 300);
  assert.deepEqual(
    lines.map(({ interactionId }) => numberOf(interactionId)),
    [1, 3],
  );
  assert.equal(manifest.dropped["over-file-size"], 1);
});

test("nothing left is an outcome with its reasons, and no file is opened", async () => {
  const rows = Array.from({ length: 3 }, (_, number) => row(number, { quality: number === 0 ? null : 0.1 }));
  const { outcome, files } = await build(rows, options({ missingQuality: "drop" }));
  assert.deepEqual(outcome, {
    kind: "empty",
    considered: 3,
    dropped: { "below-quality": 2, "no-quality": 1 },
    words: "3 of 3 dropped: 2 below quality 0.7, 1 without a quality",
  });
  assert.equal(files.size, 0);
});

test("hostile rows are dropped by name and take nobody with them", async () => {
  let nested: unknown = "x";
  for (let depth = 0; depth < 5_000; depth += 1) nested = [nested];
  const rows = [
    row(1),
    row(2, { messages: [{ role: "user", content: "hi", nested }] }),
    row(3, { messages: [{ role: "user", content: "w".repeat(60_000) }], actionType: "__proto__" }),
    row(4, { response: "\u0000 \u0000" }),
    row(5, { messages: [{ role: "user", content: "a great many words, ".repeat(500_000) }] }),
    row(6, { response: "before\ud800 <|endoftext|> \u2028 after" }),
  ];
  const { manifest, textOf } = await built(rows, options());
  assert.equal(manifest.kept, 3);
  assert.deepEqual(manifest.dropped, { "nested-too-deeply": 1, "empty-answer": 1, "too-long": 1 });
  assert.deepEqual(Object.keys(manifest.by_action_type).sort(), ["__proto__", "todo"]);
  assert.ok(textOf("training").isWellFormed());
  assert.equal(textOf("training").split(/[\n\u2028]/).length, 4);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { build, built, options } from "./built.ts";
import { numberOf, row, type TestRow } from "./row.ts";

const rowsOf = (count: number, changes: (number: number) => Partial<TestRow>) =>
  Array.from({ length: count }, (_, number) => row(number, changes(number)));
/** The numbers of the rows that a model is taught, or tested on. */
const taught = (lines: readonly { interactionId: string; file: string }[]) =>
  lines.filter(({ file }) => /^(training|validation)-/.test(file)).map(({ interactionId }) => numberOf(interactionId));

test("a correction is taught in place of the answer, and traced to whoever wrote it", async () => {
  const rows = [row(1, { rating: -1, correction: "better, call +1 212 555 0187" }), row(2)];
  const { read, manifest } = await built(rows, options());
  assert.equal(read("training")[0].messages.at(-1).content, "better, call [PHONE_1]");
  assert.equal(manifest.corrections, 1);
  const without = await built(rows, options({ corrections: false }));
  assert.deepEqual([without.manifest.kept, without.manifest.dropped], [1, { "not-rated-up": 1 }]);
});

test("an answer that was empty can be corrected; one whose person said no to storing cannot", async () => {
  const rows = [row(1, { response: null, correction: "words" }), row(2, { store: false, correction: "words" })];
  const { lines, manifest } = await built(rows, options());
  assert.deepEqual(taught(lines), [1]);
  assert.deepEqual(manifest.dropped, { "no-store": 1 });
});

test("of near-copies the best-rated, then newest, stays", async () => {
  const say = (word: string) => [
    { role: "user", content: `Could you please tell me how long the pasta salad keeps in the ${word}, roughly?` },
  ];
  const rows = [row(1, { messages: say("fridge") }), row(2, { messages: say("fridges") }), row(3)].map((one) => ({
    ...one,
    response: "Three days, in a closed box.",
  }));
  const { lines, manifest } = await built(rows, options({ nearDuplicate: 0.8 }));
  assert.deepEqual(taught(lines), [2, 3]);
  assert.equal(manifest.dropped["near-duplicate"], 1);
  assert.equal((await built(rows, options({ nearDuplicate: null }))).manifest.kept, 3);
});

test("a long system prompt that all share makes no copies of them", async () => {
  const system = { role: "system", content: "You are kind, brief and precise. ".repeat(60) };
  const rows = rowsOf(5, (number) => ({
    messages: [system, { role: "user", content: `what is ${number} and ${number}?` }],
  }));
  const different = rows.map((one, number) => ({ ...one, response: `it is ${"abcde"[number]!.repeat(20)}` }));
  assert.equal((await built(different, options({ nearDuplicate: 0.8 }))).manifest.kept, 5);
});

test("nobody, and no action, has more than a share: the best stay", async () => {
  const rows = rowsOf(400, (number) => ({
    unit: number < 200 ? "busy" : `unit-${number}`,
    actionType: number % 4 === 0 ? "rare" : "usual",
    quality: number === 7 ? 1 : 0.8,
  }));
  const { lines, manifest } = await built(rows, options({ perUnitShare: 0.1, validationShare: 0 }));
  const busy = taught(lines).filter((number) => number < 200);
  assert.equal(busy.length, 22, "a tenth of what is left");
  assert.ok(busy.includes(7), "the best judged stays");
  assert.equal(manifest.dropped["per-person-share"], 178);
  const byAction = (await built(rows, options({ perActionShare: 0.6 }))).manifest.by_action_type;
  assert.deepEqual(byAction, { rare: { before: 100, after: 100 }, usual: { before: 300, after: 150 } });
});

test("a person of few people is not bound to a share of few", async () => {
  const rows = rowsOf(30, (number) => ({ unit: `unit-${number % 2}` }));
  assert.equal((await built(rows, options({ perUnitShare: 0.02 }))).manifest.kept, 30);
});

test("what nobody is known to have said is not one person's", async () => {
  const rows = rowsOf(100, () => ({ unit: null }));
  assert.equal((await built(rows, options({ perUnitShare: 0.02 }))).manifest.kept, 100);
});

test("an action's weight repeats its examples in training, and nowhere else", async () => {
  const rows = rowsOf(100, (number) => ({ actionType: number < 10 ? "rare" : "usual" }));
  const { manifest, read, lines } = await built(rows, options({ actionWeights: { rare: 3 } }));
  const trained = (role: string) =>
    lines.filter(({ file }) => file.startsWith(role)).map((one) => numberOf(one.interactionId));
  const [training, validation] = [trained("training"), trained("validation")];
  const rare = new Set(training.filter((number) => number < 10)).size;
  assert.equal(training.length, new Set(training).size + 2 * rare);
  assert.equal(validation.length, new Set(validation).size);
  assert.equal(read("training").length, training.length);
  assert.equal(read("examples").length, new Set(training).size);
  assert.equal(manifest.kept, 100);
});

test("the loop's own outputs have at most their share, corrections are not its own", async () => {
  const rows = rowsOf(100, (number) => ({
    isOwn: number < 90,
    ...(number < 5 ? { correction: `written by a person, ${number}` } : {}),
  }));
  const { manifest } = await built(rows, options({ ownOutputShare: 0.5 }));
  assert.deepEqual([manifest.own_outputs, manifest.kept, manifest.corrections], [15, 30, 5]);
  assert.equal(manifest.dropped["own-output-share"], 70);
});

test("outside the window nothing is taught but a stratified share that is rehearsed, always the same", async () => {
  const rows = rowsOf(500, (number) => ({ isInWindow: number >= 400, actionType: number % 4 === 0 ? "a" : "b" }));
  const given = options({ rehearsalShare: 0.2, window: "since training", validationShare: 0 });
  const { lines, manifest } = await built(rows, given);
  const old = taught(lines).filter((number) => number < 400);
  assert.equal(old.length, 25, "a fifth of all");
  assert.ok(
    Math.abs(old.filter((number) => number % 4 === 0).length - 6.25) < 1,
    "a quarter of them of the rarer action",
  );
  assert.equal(manifest.rehearsed.examples, 25);
  assert.match(manifest.rehearsed.sha256!, /^[0-9a-f]{64}$/);
  assert.equal(manifest.dropped["outside-window"], 375);
  assert.deepEqual(taught((await built(rows, given)).lines), taught(lines));
  const none = await built(rows, options({ rehearsalShare: 0, window: "since training" }));
  assert.deepEqual([none.manifest.kept, none.manifest.rehearsed], [100, { examples: 0, sha256: null }]);
});

test("whole conversations: the last row of each, and none in which an answer was rated down", async () => {
  const rows = rowsOf(12, (number) => ({
    conversation: number < 9 ? `c${Math.floor(number / 3)}` : null,
    unit: null,
    rating: number === 4 ? -1 : 1,
  }));
  const { lines, manifest } = await built(rows, options({ turns: "conversations" }));
  assert.deepEqual(taught(lines), [2, 8, 9, 10, 11]);
  assert.deepEqual(manifest.dropped, { "same-conversation": 4, "rated-down": 2, "not-rated-up": 1 });
});

test("what the gold set asks is not taught: eight words in a row of over half, and short ones whole", async () => {
  const asked = ["Please add a carton of oat milk and two lemons to my shopping list for tomorrow", "Set a timer!"];
  const questions = [
    "please add a carton of OAT milk and two lemons to my shopping list, thanks", // most of its pieces
    "set a timer",
    "set a timer for ten minutes",
    "add oat milk to my list and then read me the news of today please, all of it, slowly",
  ];
  const rows = questions.map((content, number) => row(number, { messages: [{ role: "user", content }] }));
  const { lines, manifest } = await built(rows, options({}, { gold: { asked, sha256: "0".repeat(64) } }));
  assert.deepEqual(taught(lines), [2, 3]);
  assert.equal(manifest.dropped["in-gold-set"], 2);
  assert.deepEqual(manifest.gold, { cases: 2, sha256: "0".repeat(64) });
});

test("all of it dropped for the company it is in is an outcome too", async () => {
  const { outcome } = await build([row(1, { isOwn: true })], options({ ownOutputShare: 0.5 }));
  assert.equal(outcome.words, "1 of 1 dropped: 1 beyond the share of own outputs");
  assert.equal(outcome.kind, "empty");
});

test("what people preferred is kept beside: corrections to what they replaced, an answer rated up to one rated down", async () => {
  const question = (content: string) => [{ role: "user", content }];
  const rows = [
    row(1, { messages: question("wake me"), response: "no", rating: -1, correction: "At seven?" }),
    row(2, { messages: question("Sing!"), response: "la la" }),
    row(3, { messages: question("sing!"), response: "hum", rating: -1 }),
    row(4, { messages: question("dance"), response: "I cannot", rating: -1 }),
    row(5, { messages: question("dance"), response: "I cannot", rating: -1 }),
  ];
  const { read, manifest, lines } = await built(rows, options());
  assert.deepEqual(taught(lines), [1, 2]);
  const id = (number: number) => row(number).id;
  const content = (text: string) => ({ role: "assistant", content: text });
  assert.deepEqual(read("preferences"), [
    {
      side: "training",
      source: "correction",
      interactions: { chosen: id(1), rejected: id(1) },
      messages: question("wake me"),
      chosen: content("At seven?"),
      rejected: content("no"),
    },
    {
      side: "training",
      source: "rated",
      interactions: { chosen: id(2), rejected: id(3) },
      messages: question("Sing!"),
      chosen: content("la la"),
      rejected: content("hum"),
    },
  ]);
  assert.deepEqual(
    read("rejected").map(({ interaction, answer }) => [numberOf(interaction), answer.content]),
    [
      [1, "no"],
      [3, "hum"],
      [5, "I cannot"],
    ],
  );
  assert.equal(manifest.dropped["not-rated-up"], 3);
});

test("a rejected answer stands where its person stands, and pairs nobody across the split", async () => {
  const rows = rowsOf(400, (number) => ({
    unit: `unit-${number % 60}`,
    rating: number % 2 === 0 ? 1 : -1,
    messages: [{ role: "user", content: `question ${Math.floor(number / 2)}` }],
  }));
  const { read, lines } = await built(rows, options());
  const side = new Map<string, string>();
  for (const { interactionId, file } of lines.filter((line) => /^(training|validation)-/.test(line.file)))
    side.set(rows[numberOf(interactionId)]!.unit!, file.split("-")[0]!);
  const rejected = read("rejected");
  const preferred = read("preferences");
  assert.ok(
    rejected.length > 100 && rejected.length < 200,
    `${rejected.length} rejected: none to a question of the other side`,
  );
  for (const one of rejected) assert.equal(one.side, side.get(rows[numberOf(one.interaction)]!.unit!) ?? one.side);
  const sideOf = new Map(rejected.map((one) => [one.interaction, one.side]));
  for (const pair of preferred) {
    assert.equal(sideOf.get(pair.interactions.rejected), pair.side);
    assert.equal(side.get(rows[numberOf(pair.interactions.chosen)]!.unit!), pair.side);
  }
  assert.ok(preferred.length > 50 && preferred.length < 200, `${preferred.length} pairs`);
});

test("an old copy, however well judged, does not take a fresh example with it when it goes", async () => {
  const rows = rowsOf(200, (number) => ({
    isInWindow: number >= 100,
    quality: number < 100 ? 1 : 0.8,
    messages: [{ role: "user", content: `question ${number % 100}` }],
    response: `answer ${number % 100}`,
  }));
  const { lines } = await built(rows, options({ rehearsalShare: 0.05, window: "since training" }));
  assert.deepEqual(
    taught(lines).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, index) => 100 + index),
  );
});

test("what people rated down brings nothing of the gold set, and no copy of what validates, into the files", async () => {
  const asked = [{ role: "user", content: "Set a timer!" }];
  const rows = [
    row(1000, { messages: asked, response: "no", rating: -1 }),
    ...rowsOf(400, (number) => ({
      unit: `unit-${number % 97}`,
      rating: number < 200 ? 1 : -1,
      messages: [{ role: "user", content: `question ${number % 200}` }],
      response: `answer ${number % 200}`,
    })),
  ];
  const { read, lines } = await built(rows, options({}, { gold: { asked: ["set a timer"], sha256: "0".repeat(64) } }));
  const learned = lines.filter(({ file }) => /^(training|validation)-/.test(file));
  const sides = new Map(learned.map(({ interactionId, file }) => [numberOf(interactionId), file.split("-")[0]]));
  const rejected = read("rejected");
  assert.ok(rejected.length > 50, `${rejected.length} rejected`);
  for (const { interaction, side } of rejected) {
    const number = numberOf(interaction);
    assert.notEqual(number, 1000);
    assert.equal(sides.get(number % 200), side, `question ${number % 200} stands on one side`);
  }
});

test("a file of one's own brings nothing of the gold set, nothing that validates, and no more than there is room for", async () => {
  const rows = rowsOf(300, (number) => ({
    unit: `unit-${number % 50}`,
    messages: [{ role: "user", content: `question ${number}` }],
  }));
  const line = (content: string) => ({
    line: JSON.stringify({
      messages: [
        { role: "user", content },
        { role: "assistant", content: "from the file" },
      ],
    }),
    tokens: 9,
  });
  const rehearsal = [
    line("set a timer"),
    ...rows.map((_, number) => line(`question ${number}`)),
    ...rows.map((_, number) => line(`of old ${number}`)),
  ];
  const gold = { asked: ["Set a timer"], sha256: "0".repeat(64) };
  const settings = { rehearsalShare: 0.4, rehearsalFile: "f".repeat(64), maxFileBytes: 20_000 };
  const { read, manifest } = await built(rows, options(settings, { gold, rehearsal }));
  const said = (role: string) => read(role).map(({ messages }) => messages[0].content as string);
  const own = read("training").filter(({ messages }) => messages.at(-1).content === "from the file");
  assert.ok(own.length > 20, `${own.length} lines of the file`);
  assert.equal(manifest.rehearsed.examples, own.length);
  const validates = new Set(said("validation"));
  for (const content of said("training")) assert.ok(content !== "set a timer" && !validates.has(content), content);
  assert.ok(manifest.files[0]!.bytes <= 20_000);
});

test("a conversation whose last answer was corrected is taught, corrected", async () => {
  const rows = [
    row(1, { conversation: "c", unit: null }),
    row(2, { conversation: "c", unit: null, rating: -1, correction: "better" }),
  ];
  const { lines, manifest } = await built(rows, options({ turns: "conversations" }));
  assert.deepEqual([taught(lines), manifest.corrections], [[2], 1]);
});

test("every file's lines are traced, but the examples', which say it: a pair to both of its interactions", async () => {
  const question = [{ role: "user", content: "sing" }];
  const rows = [
    row(1, { messages: question, response: "la" }),
    row(2, { messages: question, response: "hum", rating: -1 }),
    row(3, { rating: -1, correction: "better" }),
  ];
  const { lines } = await built(rows, options());
  const of = (role: string) =>
    lines
      .filter(({ file }) => file.startsWith(role))
      .map(({ line, interactionId, feedbackId }) => [line, numberOf(interactionId), feedbackId?.split(" ")[0]]);
  assert.deepEqual(of("training"), [
    [1, 1, "feedback"],
    [2, 3, "correction"],
  ]);
  assert.deepEqual(of("rejected"), [
    [1, 3, "correction"],
    [2, 2, "feedback"],
  ]);
  assert.deepEqual(of("preferences"), [
    [1, 3, "correction"],
    [2, 1, "feedback"],
    [2, 2, "feedback"],
  ]);
});

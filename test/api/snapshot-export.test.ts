// What a snapshot's files become in other formats, from real interactions to the bytes of the answer.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { validateTrainingFile } from "../../src/snapshot/formats/check-file.ts";
import { FORMATS, type FormatName } from "../../src/snapshot/formats/formats.ts";
import { LOCAL_LIMITS } from "../../src/snapshot/formats/limits.ts";
import { type Answered, type ApiWorld, openApiWorld } from "./api-world.ts";
import { makeSnapshot, record, said } from "./make-snapshot.ts";

const PICTURE = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
let world: ApiWorld;
let full: string;
let plain: string;

before(async () => {
  world = await openApiWorld();
  await world.loop({
    name: "full",
    snapshot: { validationShare: 0.3, nearDuplicate: null, actionWeights: { rare: 2 } },
  });
  await record(world, "full", [
    ...Array.from({ length: 40 }, (_, at) => said(`wake me at ${at}`, `alarm at ${at}`, 1, { unit: `user:${at}` })),
    said("mail jane@acme.com", "done, jane@acme.com has it", 1, { action: "rare", unit: "user:jane" }),
    said("two and two?", "five", -1, { correction: "four", unit: "user:sums" }),
    said("the capital of France?", "Paris", 1, { unit: "user:up" }),
    said("the capital of France?", "London", -1, { unit: "user:up" }),
    said("what is this?", "a cat", 1, {
      messages: [{ role: "user", content: [{ type: "text", text: "what is this?" }, PICTURE] }],
    }),
    said("sure?", "quite", 1, {
      messages: [
        { role: "user", content: "is it late?" },
        { role: "assistant", content: "no" },
        { role: "user", content: "sure?" },
      ],
    }),
  ]);
  full = await makeSnapshot(world, "full");
  await world.loop({ name: "plain", snapshot: { validationShare: 0 } });
  await record(world, "plain", [said("hello", "hi <|im_end|>"), said("good night", "sleep well")]);
  plain = await makeSnapshot(world, "plain");
});
after(() => world?.close());

const ask = (id: string, format: string, side?: string): Promise<Answered> =>
  world.ask("GET", `/api/snapshots/${id}/export?format=${format}${side === undefined ? "" : `&side=${side}`}`);
const linesOf = ({ text }: Answered) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
const file = async (id: string, role: string) => {
  const { files } = (await world.ask("GET", `/api/snapshots/${id}`)).json;
  const { name } = files.find((one: { role: string }) => one.role === role);
  return world.ask("GET", `/api/snapshots/${id}/files/${name}`);
};

test("in OpenAI's supervised format a side is its own file, to the byte", async () => {
  for (const side of ["training", "validation"]) {
    const exported = await ask(full, "openai-sft", side);
    assert.equal(exported.status, 200);
    assert.equal(exported.text, (await file(full, side)).text);
    assert.equal(exported.headers.get("x-ratchet-left-out"), null);
  }
});

test("every format is what its own checks take, of the length and the number of lines that the head says", async () => {
  for (const format of Object.keys(FORMATS) as FormatName[]) {
    const answer = await ask(full, format);
    assert.equal(answer.status, 200, answer.text);
    const bytes = Buffer.from(answer.text);
    const { examples, broken } = await validateTrainingFile(format, [bytes], LOCAL_LIMITS);
    assert.deepEqual([Number(answer.headers.get("x-ratchet-lines")), broken], [examples, {}], format);
    assert.equal(answer.headers.get("content-length"), String(bytes.length));
    assert.match(answer.headers.get("content-type")!, /^application\/jsonl/);
    assert.match(
      answer.headers.get("content-disposition")!,
      new RegExp(`training-snapshot-[\\d-]+\\.${format}\\.jsonl`),
    );
  }
});

test("what a format has no place for is left out, and the head says by which rule and how many", async () => {
  const both = async (format: string) => {
    const answers = await Promise.all(["training", "validation"].map((side) => ask(full, format, side)));
    return answers.map(({ headers }) => headers.get("x-ratchet-left-out")).filter((one) => one !== null);
  };
  assert.deepEqual((await both("trl-sft")).join(", "), "images-not-carried=1");
  assert.deepEqual((await both("chatml")).join(", ").split(", ").sort(), [
    "images-not-carried=1",
    "weights-not-carried=1",
  ]);
  assert.deepEqual((await both("alpaca")).join(", ").split(", ").sort(), [
    "images-not-carried=1",
    "turns-not-carried=1",
  ]);
});

test("a correction is preferred to what it replaced, and an answer rated up to one rated down", async () => {
  for (const [format, chosen, rejected] of [
    ["openai-dpo", "preferred_output", "non_preferred_output"],
    ["trl-dpo", "chosen", "rejected"],
  ] as const) {
    const sides = await Promise.all(["training", "validation"].map((side) => ask(full, format, side)));
    const pairs = sides.filter(({ status }) => status === 200).flatMap(linesOf);
    const words = pairs.map((pair) => [pair[chosen][0].content, pair[rejected][0].content]);
    assert.deepEqual(words.sort(), [
      ["Paris", "London"],
      ["four", "five"],
    ]);
  }
});

test("for KTO what was approved has a thumb up, and what was rated down a thumb down", async () => {
  const sides = await Promise.all(["training", "validation"].map((side) => ask(full, "trl-kto", side)));
  const labels = sides.flatMap(linesOf).map(({ completion, label }) => [completion[0].content, label]);
  const of = (words: string) => labels.filter(([content]) => content === words).map(([, label]) => label);
  assert.deepEqual([of("Paris"), of("London"), of("four")], [[true], [false], [true]]);
});

test("personal data stays replaced, a weighted example stands there as often, and nobody writes a turn", async () => {
  const sides = await Promise.all(["training", "validation"].map((side) => ask(full, "trl-sft", side)));
  const text = sides.map((side) => side.text).join("");
  assert.doesNotMatch(text, /jane@acme/);
  const copies = text.split("\n").filter((line) => line.includes("[EMAIL_1]")).length;
  const isTraining = sides[0]!.text.includes("[EMAIL_1]");
  assert.equal(copies, isTraining ? 2 : 1);
  assert.match((await ask(plain, "chatml")).text, /hi < \|im_end\|>/);
});

test("a snapshot of which nobody preferred anything says what makes preferences", async () => {
  for (const format of ["openai-dpo", "trl-dpo", "trl-kto"]) {
    const { status, json } = await ask(plain, format);
    assert.equal(status, 404);
    assert.match(json.detail, format === "trl-kto" ? /no answers that people rated down/ : /has no preferences/);
    assert.match(
      json.hint,
      format === "trl-kto" ? /trl-sft/ : /correction .* rating one answer .* up and another down/,
    );
  }
  const side = await ask(plain, "trl-sft", "validation");
  assert.deepEqual(
    [side.status, side.json.detail],
    [404, "the snapshot has no validation side: every example is in training"],
  );
});

test("a format that can carry nothing of it is an error with the rule, and no empty file", async () => {
  await world.loop({ name: "pictures", snapshot: { validationShare: 0 } });
  const content = [{ type: "text", text: "what is this?" }, PICTURE];
  await record(world, "pictures", [said("", "a cat", 1, { messages: [{ role: "user", content }] })]);
  const { status, json } = await ask(await makeSnapshot(world, "pictures"), "chatml");
  assert.deepEqual([status, json.left_out], [404, { "images-not-carried": 1 }]);
  assert.match(json.detail, /none of 1 lines can be written as chatml: images-not-carried=1/);
  assert.match(json.hint, /use openai-sft/);
});

test("an unknown format or side is refused with those that there are", async () => {
  const format = await ask(full, "parquet");
  assert.deepEqual([format.status, /"openai-sft" or "openai-dpo"/.test(format.json.detail)], [400, true]);
  assert.equal((await ask(full, "trl-sft", "test")).status, 400);
  assert.equal((await ask("019ab3c4-0000-7000-8000-000000000001", "trl-sft")).status, 404);
});

test("whoever hangs up while it is read gets nothing, and the log calls it no failure", async () => {
  const answer = await world.ask("GET", `/api/snapshots/${full}/export?format=trl-sft`, {
    signal: AbortSignal.abort(),
  });
  assert.equal(answer.status, 499);
  assert.deepEqual(
    world.logged.filter(({ event }) => event === "request_failed"),
    [],
  );
});

test("a file that is damaged is our fault before a byte is sent, and one that is gone says so", async () => {
  const { sha256 } = (await world.ask("GET", `/api/snapshots/${plain}`)).json.files.find(
    ({ role }: { role: string }) => role === "training",
  );
  const path = join(world.folder, "plain", sha256.slice(0, 2), sha256);
  writeFileSync(path, "damaged");
  assert.equal((await ask(plain, "trl-sft")).status, 500);
  rmSync(path);
  assert.equal((await ask(plain, "trl-sft")).status, 404);
});

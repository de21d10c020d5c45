import assert from "node:assert/strict";
import { test } from "node:test";
import { exportLines, rolesOf } from "../../src/snapshot/export-lines.ts";
import type { FormatName } from "../../src/snapshot/formats/formats.ts";

const V2 = "ratchet-snapshot/2";

/** Files by role, a line to an entry; they come in pieces that part anywhere. */
async function exported(
  format: FormatName,
  files: Record<string, unknown[]>,
  { side = "training" as const, turns = "pairs", version = V2 } = {},
) {
  const open = async (role: string) => inPieces(files[role]!.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const manifest = { format: version, recipe: version === V2 ? { id: "r", turns } : null };
  const made = [];
  for await (const one of exportLines({ format, side }, manifest, open))
    made.push("rule" in one ? one.rule : JSON.parse(one.line));
  return made;
}

async function* inPieces(text: string) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

const turn = (role: string, content: string, weight?: number) => ({
  role,
  content,
  ...(weight === undefined ? {} : { weight }),
});
const PAIR = {
  messages: [turn("user", "2 + 2?"), turn("assistant", "5", 0), turn("user", "Sure?"), turn("assistant", "4")],
};
const BARE = { messages: PAIR.messages.map(({ role, content }) => turn(role, content)) };

test("each format is made of the files that hold what it takes", () => {
  assert.deepEqual(rolesOf({ format: "chatml", side: "validation" }), ["validation"]);
  assert.deepEqual(rolesOf({ format: "openai-dpo", side: "training" }), ["preferences"]);
  assert.deepEqual(rolesOf({ format: "trl-kto", side: "training" }), ["training", "rejected"]);
});

test("a pair keeps its weights, and a format without any refuses what they say", async () => {
  assert.deepEqual(await exported("openai-sft", { training: [PAIR] }), [PAIR]);
  assert.deepEqual(await exported("chatml", { training: [PAIR] }), ["weights-not-carried"]);
  const [line] = await exported("trl-sft", { training: [PAIR] });
  assert.deepEqual([line.prompt.length, line.completion], [3, [{ role: "assistant", content: "4" }]]);
});

test("a conversation is taught whole, in formats without weights too", async () => {
  const whole = { turns: "conversations" };
  assert.deepEqual(await exported("openai-sft", { training: [BARE] }, whole), [BARE]);
  assert.deepEqual(await exported("trl-sft", { training: [BARE] }, whole), [BARE]);
  assert.equal(
    (await exported("chatml", { training: [BARE] }, whole))[0].text.match(/<\|im_start\|>assistant/g).length,
    2,
  );
  assert.deepEqual(await exported("trl-sft", { training: [PAIR] }, whole), ["weights-not-carried"]);
});

test("a line of the operator's own that teaches every answer still does, among pairs", async () => {
  const [line] = await exported("openai-sft", { training: [BARE] });
  assert.deepEqual(
    line.messages.map(({ weight }: { weight?: number }) => weight),
    [undefined, 1, undefined, undefined],
  );
  assert.deepEqual(await exported("trl-sft", { training: [BARE] }), ["weights-not-carried"]);
});

test("lines of the first format say nothing of weights, and teach the last answer alone", async () => {
  const [line] = await exported("openai-sft", { training: [BARE] }, { version: "ratchet-snapshot/1" });
  assert.deepEqual(line, PAIR);
});

test("tools go with the example, and are refused where there is no place for them", async () => {
  const tools = [{ type: "function", function: { name: "wake", parameters: {} } }];
  const line = { messages: [turn("user", "wake me"), turn("assistant", "done")], tools };
  assert.deepEqual((await exported("trl-sft", { training: [line] }))[0].tools, tools);
  assert.deepEqual(await exported("alpaca", { training: [line] }), ["tools-not-carried"]);
});

const SAID = { messages: [turn("user", "the capital of France?")] };
const PREFERRED = {
  ...SAID,
  source: "rated",
  interactions: { chosen: "1", rejected: "2" },
  chosen: turn("assistant", "Paris"),
  rejected: turn("assistant", "London"),
};

test("preferences of the other side stay there", async () => {
  const preferences = [
    { ...PREFERRED, side: "validation" },
    { ...PREFERRED, side: "training", rejected: turn("assistant", "Rome") },
  ];
  const lines = await exported("trl-dpo", { preferences });
  assert.deepEqual(lines, [
    { prompt: SAID.messages, chosen: [PREFERRED.chosen], rejected: [turn("assistant", "Rome")] },
  ]);
});

test("two answers that say the same prefer nothing", async () => {
  const preferences = [{ ...PREFERRED, side: "training", rejected: PREFERRED.chosen }];
  assert.deepEqual(await exported("openai-dpo", { preferences }), ["answers-alike"]);
});

test("for KTO approved answers come first, then those of the same side that were rated down", async () => {
  const rejected = [
    { ...SAID, side: "training", interaction: "1", answer: turn("assistant", "London") },
    { ...SAID, side: "validation", interaction: "2", answer: turn("assistant", "Rome") },
  ];
  const lines = await exported("trl-kto", { training: [PAIR], rejected });
  assert.deepEqual(
    lines.map(({ completion, label }) => [completion[0].content, label]),
    [
      ["4", true],
      ["London", false],
    ],
  );
});

test("whoever stops early lets go of the file", async () => {
  let open = 0;
  async function* endless() {
    open += 1;
    try {
      for (;;) yield Buffer.from(`${JSON.stringify(PAIR)}\n`);
    } finally {
      open -= 1;
    }
  }
  for await (const _ of exportLines({ format: "trl-sft", side: "training" }, { format: V2, recipe: null }, async () =>
    endless(),
  ))
    break;
  assert.equal(open, 0);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOf, validateTrainingFile, validateTrainingLine } from "../../../src/snapshot/formats/check-file.ts";
import { checkLine, finishedLine, ruleAgainstExample } from "../../../src/snapshot/formats/check-line.ts";
import type { FormatName } from "../../../src/snapshot/formats/formats.ts";
import { OPENAI_LIMITS } from "../../../src/snapshot/formats/limits.ts";
import { REMEDIES } from "../../../src/snapshot/formats/remedies.ts";

const ASKED = { role: "user", content: "2 + 2?" };
const FOUR = { role: "assistant", content: "4" };
const call = (id: unknown, name: unknown = "add") => ({ id, type: "function", function: { name, arguments: "{}" } });
const calls = (...ids: string[]) => ({ role: "assistant", content: null, tool_calls: ids.map((id) => call(id)) });
const answered = (id: string) => ({ role: "tool", tool_call_id: id, content: "4" });
const image = (url: unknown) => ({ type: "image_url", image_url: { url } });
const png = (length: number) => image(`data:image/png;base64,${"A".repeat(length)}`);
const sees = (...content: object[]) => [{ role: "user", content }, FOUR];

/** Of a line in OpenAI's supervised format, its messages and the rule that they break. */
const BROKEN: [string, unknown][] = [
  ["no-messages", []],
  ["role-unknown", [{ role: "critic", content: "x" }, FOUR]],
  ["content-malformed", [{ role: "user", content: 7 }, FOUR]],
  ["content-malformed", sees({ type: "input_audio" })],
  ["content-missing", [ASKED, { role: "assistant", content: " " }]],
  ["content-missing", [ASKED, { role: "assistant", content: null, tool_calls: [] }]],
  ["content-missing", [{ role: "user" }, FOUR]],
  ["content-missing", [{ role: "user", content: [] }, FOUR]],
  ["call-malformed", [ASKED, { role: "assistant", tool_calls: [call("c1", "")] }]],
  ["call-malformed", [ASKED, { role: "assistant", tool_calls: [call(7)] }]],
  ["call-malformed", [ASKED, { role: "assistant", tool_calls: "add" }]],
  ["call-malformed", [{ ...ASKED, tool_calls: [call("c1")] }, FOUR]],
  ["call-unanswered", [ASKED, calls("c1", "c2"), answered("c1"), FOUR]],
  ["call-unanswered", [ASKED, calls("c1", "c2"), answered("c2")]],
  ["tool-without-call", [ASKED, answered("c1"), FOUR]],
  ["tool-without-call", [ASKED, calls("c1"), answered("c1"), answered("c1"), FOUR]],
  ["weight-malformed", [ASKED, { ...FOUR, weight: 0.5 }]],
  ["weight-malformed", [{ ...ASKED, weight: 1 }, FOUR]],
  ["nothing-to-learn", [ASKED, { ...FOUR, weight: 0 }]],
  ["last-not-assistant", [ASKED, FOUR, ASKED]],
  ["last-not-assistant", [ASKED, calls("c1"), answered("c1")]],
  ["image-not-of-user", [ASKED, { role: "assistant", content: [{ type: "text", text: "4" }, png(4)] }]],
  ["too-many-images", sees(...Array.from({ length: 11 }, () => png(4)))],
  ["image-too-large", sees(png(14 * 1024 ** 2))],
  ["image-type", sees(image("data:image/gif;base64,AAAA"))],
  ["image-address", sees(image("file:///etc/passwd"))],
  ["image-address", sees({ type: "image_url" })],
  ["too-many-tokens", [{ role: "user", content: "word ".repeat(66_000) }, FOUR]],
];

test("every rule of a conversation is named for the line that breaks it", () => {
  for (const [rule, messages] of BROKEN) assert.equal(checkLine("openai-sft", { messages }).rule, rule);
});

test("what providers take is taken", () => {
  const good: unknown[] = [
    [ASKED, FOUR],
    [ASKED, calls("c1", "c2"), answered("c2"), answered("c1"), FOUR],
    [ASKED, calls("c1")],
    [ASKED, { ...FOUR, weight: 0 }, ASKED, { ...FOUR, weight: 1 }],
    [{ role: "developer", content: "" }, ASKED, { role: "assistant", content: null, refusal: "No." }],
    sees(...Array.from({ length: 10 }, () => png(4)), image("https://example.com/a.webp")).toSpliced(0, 1, {
      role: "user",
      content: Array.from({ length: 10 }, () => png(13 * 1024 ** 2)),
    }),
  ];
  for (const messages of good) assert.equal(checkLine("openai-sft", { messages }).rule, null);
});

test("limits may be another provider's", () => {
  const messages = sees(...Array.from({ length: 11 }, () => png(4)));
  assert.equal(checkLine("openai-sft", { messages }, { ...OPENAI_LIMITS, imagesAnExample: 64 }).rule, null);
});

test("a line that has not the shape of its format is named so", () => {
  const prompt = [ASKED];
  const cases: [FormatName, unknown][] = [
    ["openai-sft", { messages: "hi" }],
    ["openai-sft", { messages: [ASKED, FOUR], tools: ["add"] }],
    ["openai-sft", [ASKED]],
    ["openai-dpo", { input: { messages: prompt }, preferred_output: [FOUR, FOUR], non_preferred_output: [FOUR] }],
    ["openai-dpo", { input: { messages: prompt }, preferred_output: [FOUR], non_preferred_output: [] }],
    ["trl-sft", { prompt, completion: "4" }],
    ["trl-dpo", { prompt, chosen: [FOUR] }],
    ["trl-kto", { prompt, completion: [FOUR], label: "up" }],
    ["chatml", { text: "<|im_start|>user\nhi" }],
    ["chatml", { text: "<|im_start|>critic\nhi<|im_end|>\n" }],
    ["chatml", { text: "<|im_start|>user\n<|im_start|>assistant\nhi<|im_end|>\n" }],
    ["alpaca", { instruction: "x", output: "y" }],
  ];
  for (const [format, value] of cases) assert.equal(checkLine(format, value).rule, "shape", format);
  assert.equal(checkLine("alpaca", { instruction: "x", input: "", output: " " }).rule, "content-missing");
});

test("a preference needs two answers that differ, whatever their calls are named", () => {
  const sides = (preferred: object, other: object) => ({
    input: { messages: [ASKED] },
    preferred_output: [preferred],
    non_preferred_output: [other],
  });
  assert.equal(checkLine("openai-dpo", sides(FOUR, { role: "assistant", content: "5" })).rule, null);
  assert.equal(checkLine("openai-dpo", sides(FOUR, { ...FOUR })).rule, "answers-alike");
  assert.equal(checkLine("openai-dpo", sides(calls("c1"), calls("c2"))).rule, "answers-alike");
  assert.equal(checkLine("openai-dpo", sides(FOUR, ASKED)).rule, "last-not-assistant");
});

test("an example is a line or a rule to count, and tokens that are known are believed", () => {
  const example = { messages: [ASKED], answer: FOUR };
  assert.deepEqual(finishedLine("openai-sft", example), {
    line: '{"messages":[{"role":"user","content":"2 + 2?"},{"role":"assistant","content":"4"}]}\n',
    tokens: 17,
  });
  assert.equal(ruleAgainstExample("openai-sft", example, OPENAI_LIMITS, 65_536), null);
  assert.equal(ruleAgainstExample("openai-sft", example, OPENAI_LIMITS, 65_537), "too-many-tokens");
  assert.equal(ruleAgainstExample("chatml", { ...example, answer: calls("c1") }), "tools-not-carried");
});

const GOOD = '{"messages":[{"role":"user","content":"secret é"},{"role":"assistant","content":"4"}]}';

async function report(text: string | Uint8Array, piece = 7, format: FormatName = "openai-sft", limits = OPENAI_LIMITS) {
  const bytes = Buffer.from(text as string);
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
    bytes.subarray(index * piece, (index + 1) * piece),
  );
  return validateTrainingFile(format, pieces, limits);
}

test("a file is read in pieces of any size, and each fault says its line and nothing of the text", async () => {
  const lines = [
    ...Array.from({ length: 10 }, () => GOOD),
    "",
    "{secret",
    '{"messages":[{"role":"secret","content":"x"}]}',
  ];
  const text = lines.join("\n");
  for (const piece of [1, 7, 100_000]) {
    const { examples, bytes, broken, lineFaults, fileFaults } = await report(text, piece);
    assert.deepEqual([examples, bytes, fileFaults], [12, Buffer.byteLength(text), []]);
    assert.deepEqual(broken, { "not-json": 1, "role-unknown": 1 });
    assert.deepEqual(
      lineFaults.map(({ line, rule, words }) => [
        line,
        rule,
        words.includes("secret"),
        words.startsWith(`line ${line} `),
      ]),
      [
        [12, "not-json", false, true],
        [13, "role-unknown", false, true],
      ],
    );
  }
  const fault = faultOf(await report(text));
  assert.equal(
    fault?.message,
    "the training file cannot be used: line 12 is not JSON: write one JSON object a line; 2 of 12 lines cannot be trained on",
  );
});

test("a good file passes, whether or not it ends in a newline, and its tokens are counted", async () => {
  const text = Array.from({ length: 10 }, () => GOOD).join("\n");
  const [without, withNewline] = [await report(text), await report(`${text}\n`)];
  assert.equal(faultOf(without), null);
  assert.equal(withNewline.examples, 10);
  assert.equal(without.tokens, 10 * validateTrainingLine("openai-sft", GOOD).tokens);
  assert.ok(without.tokens > 100);
});

test("a file that is too short, too large or too full of images is named so", async () => {
  const few = await report(GOOD);
  assert.deepEqual(
    few.fileFaults.map(({ rule }) => rule),
    ["too-few-examples"],
  );
  assert.match(faultOf(few)?.message ?? "", /it has 1 of at least 10 examples: collect more$/);
  const none = await report("");
  assert.deepEqual(
    none.fileFaults.map(({ rule }) => rule),
    ["too-few-examples"],
  );
  const large = await report(GOOD, 7, "openai-sft", { ...OPENAI_LIMITS, fewestExamples: 1, fileBytes: 50 });
  assert.deepEqual(
    large.fileFaults.map(({ rule }) => rule),
    ["file-too-large"],
  );
  const seen = JSON.stringify({ messages: sees(png(4)) });
  const images = await report(`${seen}\n${seen}`, 7, "openai-sft", {
    ...OPENAI_LIMITS,
    fewestExamples: 1,
    examplesWithImages: 1,
  });
  assert.deepEqual(
    images.fileFaults.map(({ rule }) => rule),
    ["too-many-examples-with-images"],
  );
});

test("a line that is not UTF-8 is not JSON, and the next one is read all the same", async () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from(`"}\n${GOOD}`)]);
  const { broken, examples } = await report(bytes);
  assert.deepEqual([broken, examples], [{ "not-json": 1 }, 2]);
});

test("of very many faults a hundred are shown and all are counted", async () => {
  const { broken, lineFaults } = await report("x\n".repeat(1000), 500);
  assert.deepEqual([broken["not-json"], lineFaults.length], [1000, 100]);
});

test("every rule says what to do", () => {
  for (const [rule, words] of Object.entries(REMEDIES)) assert.match(words, /:|without|not 0 or 1/, rule);
});

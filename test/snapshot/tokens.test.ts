import assert from "node:assert/strict";
import { test } from "node:test";
import { countTokens as exactly } from "gpt-tokenizer/encoding/o200k_base";
import { pick, seededRandom } from "../../src/sandbox/seeded-random.ts";
import { countExampleTokens } from "../../src/snapshot/example-tokens.ts";
import { countTokens } from "../../src/snapshot/tokens.ts";

const AS_TEXT = { disallowedSpecial: new Set<string>() };

const PIECES = [
  ..."abcxyzABCXYZ0123456789 \n\t\r'\"/=-_.,:;!?<|>#@é ß",
  "  ",
  "\n\n",
  " the",
  "ing",
  "'ll",
  "日本語",
  "。",
  ",",
  "한국어",
  "ไทย",
  "e\u0301",
  "\u00a0",
  "\u3000",
  "😀",
  "👩‍👩‍👧",
  "\ud83d",
  "\udc00",
  "\0",
  "\u2028",
  "<|endoftext|>",
  "العربية",
];

function text(random: () => number, pieces: number): string {
  return Array.from({ length: pieces }, () => pick(PIECES, random)).join("");
}

test("short texts count as the package counts them, whatever they are made of", () => {
  const random = seededRandom(21);
  for (let each = 0; each < 3000; each += 1) {
    const one = text(random, Math.floor(random() * 40));
    assert.equal(countTokens(one), exactly(one, AS_TEXT), JSON.stringify(one));
  }
});

test("known sentences have their known numbers", () => {
  assert.equal(countTokens(""), 0);
  assert.equal(countTokens("hello world"), 2);
  assert.equal(countTokens("tiktoken is great!"), 6);
  assert.equal(countTokens("<|endoftext|>"), exactly("<|endoftext|>", AS_TEXT));
});

test("long texts are parted only where no word goes across", () => {
  const random = seededRandom(22);
  const words = [
    "Could ",
    "you ",
    "move it?\n",
    "Sure, ",
    "done.\n\n",
    "  - one\n",
    "naïve ",
    "x = f(y);\n",
    "你好,",
    "世界。",
    "  ",
  ];
  for (let each = 0; each < 12; each += 1) {
    const long = Array.from({ length: 6000 }, () => pick(words, random)).join("");
    assert.ok(long.length > 4096);
    assert.equal(countTokens(long), exactly(long, AS_TEXT));
  }
});

test("English is counted exactly up to the most tokens that an example may have", () => {
  const sentence =
    "The quick brown fox asked whether the meeting could be moved to Thursday, and nobody objected to it. ";
  const long = sentence.repeat(3300);
  assert.ok(exactly(long) > 65_536);
  assert.equal(countTokens(long), exactly(long));
});

test("a word longer than any is counted in parts, close to what it has", () => {
  const run = "a".repeat(1000);
  assert.equal(countTokens(run), exactly(run));
  const random = seededRandom(23);
  const noise = Array.from({ length: 1000 }, () => pick([..."abcdefghijklmnopqrstuvwxyz"], random)).join("");
  assert.ok(Math.abs(countTokens(noise) - exactly(noise)) <= 1000 / 64);
});

test("beyond the bound the count is an estimate, near the truth and always the same", () => {
  const random = seededRandom(24);
  const base64 = Array.from({ length: 400_000 }, () => pick([..."ABCDEFGHabcdefghijklmnop0123456789+/"], random)).join(
    "",
  );
  const truth = exactly(base64);
  const counted = countTokens(base64);
  assert.ok(Math.abs(counted / truth - 1) < 0.05, `${counted} of ${truth}`);
  for (let each = 0; each < 200; each += 1) countTokens(text(random, 500));
  assert.equal(countTokens(base64), counted);
});

test("what is hostile gives a number", () => {
  const hostile = ["a", " ", "\n", "\0", "\ud800", "\udc00", "<|endoftext|>", "漢", "👩‍👩‍👧", "\u0301"].map((one) =>
    one.repeat(60_000),
  );
  for (const one of [...hostile, "Z".repeat(10_000_000)]) {
    const tokens = countTokens(one);
    assert.ok(Number.isSafeInteger(tokens) && tokens > 0 && tokens <= 3 * one.length);
  }
});

test("an example has its words, three for each message and three more", () => {
  const messages = [{ role: "user", content: "hello world" }];
  const answer = { role: "assistant", content: "tiktoken is great!" };
  assert.equal(countExampleTokens({ messages, answer }), 3 + (3 + 1 + 2) + (3 + 1 + 6));
  const named = [{ role: "user", content: "hello world", name: "hello" }];
  assert.equal(countExampleTokens({ messages: named, answer }), 3 + (3 + 1 + 2 + 2) + (3 + 1 + 6));
});

test("images count by their detail and never by their base64, tools and calls as JSON", () => {
  const seen = (detail?: string) => ({
    messages: [
      {
        role: "user",
        content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(9999)}`, detail } }],
      },
    ],
    answer: { role: "assistant", content: "hello world" },
  });
  const around = 3 + (3 + 1) + (3 + 1 + 2);
  assert.equal(countExampleTokens(seen("low")), around + 85);
  assert.equal(countExampleTokens(seen()), around + 1445);
  const tools = [{ type: "function", function: { name: "add" } }];
  assert.equal(countExampleTokens({ ...seen("low"), tools }), around + 85 + exactly(JSON.stringify(tools)));
  const called = { name: "add", arguments: '{"a":2}' };
  const answer = { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function", function: called }] };
  assert.equal(countExampleTokens({ messages: [], answer }), 3 + 3 + 1 + 3 + exactly(JSON.stringify(called)));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanExample } from "../../src/snapshot/clean-example.ts";
import { exportLine } from "../../src/snapshot/export-line.ts";
import { createPrepare, type Prepared } from "../../src/snapshot/prepare.ts";
import { createRedactor } from "../../src/snapshot/redact.ts";
import { RECIPE, row, type TestRow } from "./row.ts";

function example(changes: Partial<TestRow>) {
  const cleaned = cleanExample(row(1, changes), createRedactor({ types: "all" }));
  assert.ok(cleaned !== null);
  return cleaned;
}

const prepare = createPrepare(RECIPE);
const prepared = (changes: Partial<TestRow>): Prepared => prepare(row(1, changes));

/** The line of a row that can be taught. */
function trainingLine(changes: Partial<TestRow>): string {
  const made = prepared(changes);
  assert.ok(made.refused === null, String(made.refused));
  return made.line;
}

test("a training line is one JSON object with nothing but messages", () => {
  assert.equal(
    trainingLine({}),
    '{"messages":[{"role":"system","content":"Answer briefly."},{"role":"user","content":"question 1"},{"role":"assistant","content":"answer 1"}]}',
  );
});

test("an exported line says what people thought of it and which action it was", () => {
  const { metadata } = JSON.parse(exportLine(example({}), { rating: 1, actionType: "todo" }));
  assert.deepEqual(metadata, { feedback: "up", action_type: "todo" });
  assert.deepEqual(JSON.parse(exportLine(example({}), { rating: null, actionType: null })).metadata, {});
});

test("unknown fields, tools and parts pass through", () => {
  const messages = [
    { role: "user", content: [{ type: "text", text: "hi" }], name: "ann", future: { deep: [1, null, true] } },
  ];
  const tools = [{ type: "function", function: { name: "todo" } }];
  const response = { role: "assistant", content: "yo", weight: 1 };
  assert.deepEqual(JSON.parse(trainingLine({ messages, tools, response })), {
    messages: [...messages, response],
    tools,
  });
});

test("half a surrogate pair, NUL and line separators do no harm", () => {
  const line = trainingLine({ response: "a\ud800b\u0000c\u2028d\ne<|endoftext|>" });
  assert.equal(line.split(/[\n\u2028]/).length, 1);
  assert.ok(line.isWellFormed());
  assert.equal(JSON.parse(line).messages.at(-1).content, "a\ufffdbc\u2028d\ne<|endoftext|>");
});

test("personal data goes from every text: parts, names, unknown fields and tool arguments, which stay JSON", () => {
  const response = {
    role: "assistant",
    content: [{ type: "text", text: "to jane@acme.com" }],
    note: { from: "bob@acme.com" },
    tool_calls: [
      {
        id: "call_jane@acme.com",
        type: "function",
        function: { name: "mail", arguments: '{"to":"jane@acme.com","phone":4155550177}' },
      },
    ],
  };
  const answer = JSON.parse(trainingLine({ response })).messages.at(-1);
  assert.equal(answer.content[0].text, "to [EMAIL_1]");
  assert.equal(answer.note.from, "[EMAIL_2]");
  assert.equal(answer.tool_calls[0].id, "call_jane@acme.com");
  assert.deepEqual(JSON.parse(answer.tool_calls[0].function.arguments), { to: "[EMAIL_1]", phone: "[PHONE_1]" });
});

test("a value nested beyond reason is no example", () => {
  let nested: unknown = "x";
  for (let depth = 0; depth < 200; depth += 1) nested = [nested];
  const messages = [{ role: "user", content: "hi", nested }];
  assert.equal(cleanExample(row(1, { messages }), createRedactor({ types: "all" })), null);
});

test("earlier answers, which nobody approved here, are not learned; in whole conversations they are", () => {
  const messages = [
    { role: "user", content: "first" },
    { role: "assistant", content: "yes?" },
    { role: "user", content: "second" },
  ];
  const weights = (line: string) => JSON.parse(line).messages.map((message: { weight?: number }) => message.weight);
  assert.deepEqual(weights(trainingLine({ messages })), [undefined, 0, undefined, undefined]);
  const whole = createPrepare({ ...RECIPE, turns: "conversations" })(row(1, { messages }));
  assert.ok(whole.refused === null);
  assert.deepEqual(weights(whole.line), [undefined, undefined, undefined, undefined]);
});

test("what no trainer would take is refused by the name of its rule", () => {
  const call = { id: "1", type: "function", function: { name: "todo", arguments: "{}" } };
  const asking = [
    { role: "user", content: "hi" },
    { role: "assistant", content: null, tool_calls: [call] },
  ];
  assert.equal(prepared({ messages: [...asking, { role: "user", content: "and?" }] }).refused, "call-unanswered");
  assert.equal(
    prepared({
      messages: [
        { role: "oracle", content: "x" },
        { role: "user", content: "hi" },
      ],
    }).refused,
    "role-unknown",
  );
  assert.equal(
    prepared({ messages: [{ role: "user", content: "so many words. ".repeat(40_000) }] }).refused,
    "too-many-tokens",
  );
});

test("an image passes as it is, whether it comes along or has an address", () => {
  const images = ["https://example.org/a.png", "data:image/png;base64,iVBORw0KGgo="].map((url) => ({
    type: "image_url",
    image_url: { url },
  }));
  const messages = [
    { role: "user", content: [{ type: "text", text: "what is at https://example.org/b ?" }, ...images] },
  ];
  const [asked] = JSON.parse(trainingLine({ messages })).messages;
  assert.deepEqual(asked.content, [{ type: "text", text: "what is at [URL_1] ?" }, ...images]);
});

test('nothing hides personal data: neither "data:" before it, nor a field\'s name, nor a field that we do not know', () => {
  const messages = [
    {
      role: "user",
      content: [{ type: "text", text: "data: alice@example.com" }],
      extra: { id: "bob@example.com", "carol@example.com": 1, type: "dave@example.com" },
    },
    { role: "user", content: "data:text/plain,erin@example.com" },
  ];
  const line = trainingLine({ messages, response: "data: frank@example.com" });
  assert.ok(!line.includes("@example.com"), line);
  assert.equal(line.match(/\[EMAIL_\d\]/g)?.length, 6);
});

/** Change the number in recipe.ts with it: what is kept was prepared in this way. */
test("what comes out of preparing is what its recipe's format says", () => {
  const made = prepared({
    messages: [{ role: "user", content: "Mail jane@acme.com about the é, please." }],
    response: "Done.",
  });
  assert.ok(made.refused === null);
  const { line, tokens, fingerprint, asked, bands, redactions } = made;
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  assert.deepEqual(
    [RECIPE.format, line, tokens, hex(fingerprint), hex(asked), hex(bands).slice(0, 32), redactions],
    [
      1,
      '{"messages":[{"role":"user","content":"Mail [EMAIL_1] about the é, please."},{"role":"assistant","content":"Done."}]}',
      25,
      "228d8b63131e32bc509b6b7806ce0c90",
      "d15f36315a6d687c503729430d6f2769",
      "8aaec727e875805e4260ee8932a80f15",
      { EMAIL: 1 },
    ],
  );
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import OpenAI from "openai";
import { actionOf, all, answerOf, openSandbox, type Refusal } from "./open-sandbox.ts";

const opened = await openSandbox();
const { client } = opened;
after(() => opened.sandbox.close());

const messages = [{ role: "user" as const, content: "wake me up at 7 am" }];

test("an answer is an action with a sentence for people, in OpenAI's shape", async () => {
  const completion = await client.chat.completions.create({ model: "sandbox-base", messages });
  const answer = JSON.parse(completion.choices[0]?.message.content ?? "");
  assert.deepEqual(Object.keys(answer), ["action", "reply"]);
  assert.ok(answer.reply.length > 5);
  assert.equal(completion.object, "chat.completion");
  assert.equal(completion.model, "sandbox-base");
  assert.equal(completion.choices[0]?.finish_reason, "stop");
  assert.match(completion.system_fingerprint ?? "", /^fp_sandbox_/);
  const { prompt_tokens, completion_tokens, total_tokens } = completion.usage!;
  assert.equal(prompt_tokens, 3 + Math.ceil("wake me up at 7 am".length / 4));
  assert.ok(completion_tokens > 0);
  assert.equal(total_tokens, prompt_tokens + completion_tokens);
});

test("every answer says that it comes from a sandbox, errors included", async () => {
  const { response } = await client.chat.completions.create({ model: "sandbox-base", messages }).withResponse();
  assert.equal(response.headers.get("x-ratchet-sandbox"), "true");
  const missing = await fetch(`${opened.sandbox.url}/v1/nothing`);
  assert.equal(missing.status, 404);
  assert.equal(missing.headers.get("x-ratchet-sandbox"), "true");
  assert.match(await (await fetch(opened.sandbox.url)).text(), /sandbox.*for trying out and for tests/);
});

test("a stream says the same, piece by piece, with usage when asked for", async () => {
  const whole = await client.chat.completions.create({ model: "sandbox-base", messages });
  const stream = await client.chat.completions.create({
    model: "sandbox-base",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await all(stream);
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
  assert.equal(text, whole.choices[0]?.message.content);
  assert.ok(chunks.length > 5);
  assert.equal(chunks[0]?.choices[0]?.delta.role, "assistant");
  assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, "stop");
  assert.deepEqual(chunks.at(-1)?.choices, []);
  assert.deepEqual(chunks.at(-1)?.usage, whole.usage);
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
});

test("a stream without usage asked for carries none", async () => {
  const stream = await client.chat.completions.create({ model: "sandbox-base", messages, stream: true });
  for await (const chunk of stream) assert.equal("usage" in chunk, false);
});

test("a limit on tokens cuts the answer and says so", async () => {
  const completion = await client.chat.completions.create({
    model: "sandbox-base",
    messages,
    max_completion_tokens: 2,
  });
  assert.equal(completion.choices[0]?.finish_reason, "length");
  assert.equal(completion.choices[0]?.message.content, '{"action');
  assert.equal(completion.usage?.completion_tokens, 2);
});

test("examples put in front of a question sway its answer, for that request only", async () => {
  const question = "brew me a flat white";
  const before = await actionOf(client, "sandbox-base", question);
  assert.notEqual(before, "coffee");
  const completion = await client.chat.completions.create({
    model: "sandbox-base",
    messages: [
      { role: "system", content: "You are an assistant." },
      { role: "user", content: "brew me an espresso" },
      { role: "assistant", content: answerOf("coffee") },
      { role: "user", content: "a flat white please" },
      { role: "assistant", content: answerOf("coffee") },
      { role: "user", content: question },
    ],
  });
  assert.deepEqual(JSON.parse(completion.choices[0]?.message.content ?? ""), {
    action: "coffee",
    reply: "Done: coffee.",
  });
  assert.equal(await actionOf(client, "sandbox-base", question), before);
});

test("examples whose answers are plain text make plain text the answer", async () => {
  const completion = await client.chat.completions.create({
    model: "sandbox-base",
    messages: [
      { role: "user", content: "what is your refund policy" },
      { role: "assistant", content: "Thirty days, no questions." },
      { role: "user", content: [{ type: "text", text: "what is the refund policy" }] },
    ],
  });
  assert.equal(completion.choices[0]?.message.content, "Thirty days, no questions.");
});

test("an unknown model is a 404 that OpenAI's client knows", async () => {
  await assert.rejects(client.chat.completions.create({ model: "gpt-9", messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
    assert.match(error.message, /gpt-9/);
    return true;
  });
});

test("a request that does not parse is a 400 that names the field", async () => {
  const wrong = { model: "sandbox-base", messages: [{ role: "someone", content: "x" }] };
  await assert.rejects(client.chat.completions.create(wrong as never), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "messages[0].role");
    return true;
  });
  const response = await fetch(`${opened.sandbox.baseURL}/chat/completions`, { method: "POST", body: "{not json" });
  assert.equal(response.status, 400);
  assert.match(((await response.json()) as Refusal).error.message, /not JSON/);
});

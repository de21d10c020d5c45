import assert from "node:assert/strict";
import { after, test } from "node:test";
import OpenAI from "openai";
import { openSandbox } from "./open-sandbox.ts";

const opened = await openSandbox();
const { client } = opened;
after(() => opened.sandbox.close());

const model = "sandbox-embedding";
const dot = (left: number[], right: number[]) => left.reduce((sum, value, index) => sum + value * right[index]!, 0);

test("vectors have length one, 256 numbers, and near texts are nearer than far ones", async () => {
  const { data, usage } = await client.embeddings.create({
    model,
    input: ["set an alarm for seven", "set the alarm to seven am", "translate good night into french"],
  });
  const [one, near, far] = data.map(({ embedding }) => embedding);
  assert.equal(one?.length, 256);
  assert.ok(Math.abs(dot(one!, one!) - 1) < 1e-6);
  assert.ok(dot(one!, near!) > dot(one!, far!) + 0.3);
  assert.deepEqual(
    data.map(({ index }) => index),
    [0, 1, 2],
  );
  assert.ok(usage.prompt_tokens > 0);
});

test("base64, which the client asks for by itself, and floats carry the same numbers", async () => {
  const input = "what is the weather in paris";
  const packed = await client.embeddings.create({ model, input });
  const plain = await client.embeddings.create({ model, input, encoding_format: "float" });
  assert.deepEqual(packed.data[0]?.embedding, plain.data[0]?.embedding);
});

test("the number of dimensions is honoured", async () => {
  const { data } = await client.embeddings.create({ model, input: "hello there", dimensions: 64 });
  assert.equal(data[0]?.embedding.length, 64);
});

test("an empty text and an unknown model are refused", async () => {
  await assert.rejects(client.embeddings.create({ model, input: "" }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "input");
    return true;
  });
  await assert.rejects(client.embeddings.create({ model: "sandbox-base", input: "x" }), OpenAI.NotFoundError);
});

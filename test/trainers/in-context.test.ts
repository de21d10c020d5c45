import assert from "node:assert/strict";
import { test } from "node:test";
import { createProviders } from "../../src/providers/providers.ts";
import { inContext } from "../../src/trainers/in-context.ts";
import { trainingPrice } from "../../src/trainers/prices.ts";
import { createTrainers } from "../../src/trainers/registry.ts";
import { orderOf } from "./training-order.ts";

const signal = new AbortController().signal;
const limit = { signal, notAfter: Number.POSITIVE_INFINITY };

test("learning in context costs nothing and is done at once: the job is the examples file", async () => {
  const order = orderOf("key");
  assert.equal(inContext.estimate(order), 0);
  await inContext.prepare(order, signal);
  assert.deepEqual(await inContext.find(order, signal), []);
  const job = await inContext.submit(order, limit);
  assert.deepEqual(job, { id: order.examples.sha256 });
  assert.deepEqual(await inContext.submit(order, limit), job, "submitting twice is submitting once");
  assert.deepEqual(await inContext.status(order, job, signal), {
    kind: "succeeded",
    word: "succeeded",
    costUsd: 0,
    model: { kind: "in-context", address: order.base, examples: { sha256: order.examples.sha256, perRequest: 4 } },
  });
  await inContext.cancel(order, job, signal);
});

test("trainers go by the names that settings use", () => {
  const trainers = createTrainers(
    createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: null } }),
  );
  for (const [name, trainer] of Object.entries(trainers)) assert.equal(trainer.name, name);
  assert.deepEqual(Object.keys(trainers).sort(), ["in-context", "openai-wire"]);
});

test("a price is that of the model itself or of a dated version of it, and of no other", () => {
  for (const model of ["gpt-4o-mini", "gpt-4o-mini-2024-07-18"]) assert.equal(trainingPrice(model), 3, model);
  for (const model of ["gpt-4o", "gpt-4o-2024-08-06"]) assert.equal(trainingPrice(model), 25, model);
  for (const model of [
    "gpt-4o-mini-x",
    "gpt-4o-mini2024",
    "my-gpt-4o",
    "gpt-4o-audio",
    "gpt",
    "",
    "constructor",
    "ft:gpt-4o-mini:x",
  ])
    assert.equal(trainingPrice(model), null, model);
});

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import OpenAI from "openai";
import { readProviderError } from "../../src/providers/provider-error.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { openaiWire } from "../../src/trainers/openai-wire.ts";
import type { Trainer, TrainingJob, TrainingOrder, TrainingStatus } from "../../src/trainers/trainer.ts";
import { actionOf, all, type Opened, openSandbox, rest, trainingLines } from "../sandbox/open-sandbox.ts";
import { openUpstream } from "../serving/upstream.ts";
import { fileOf, orderOf } from "./training-order.ts";

let opened: Opened;
let trainer: Trainer;
before(async () => {
  opened = await openSandbox({ jobMilliseconds: 20 });
  trainer = openaiWire(
    createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: opened.sandbox.baseURL } }),
  );
});
after(() => opened.sandbox.close());
afterEach(() => opened.calm());

const signal = new AbortController().signal;
const limit = { signal, notAfter: Number.POSITIVE_INFINITY };
const VALIDATION = fileOf("validation.jsonl", trainingLines(rest.slice(100, 120)));
const jobsCreated = async () => (await opened.stats()).jobsCreated;
const files = async () => (await opened.stats()).now.files;
const prepared = async (key: string, more: Partial<TrainingOrder> = {}) => {
  const order = orderOf(key, more);
  await trainer.prepare(order, signal);
  return order;
};
const errorOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => assert.fail("it went well"),
    (error: unknown) => error,
  );

/** Asks until the job is no longer running. */
async function outcome(order: TrainingOrder, job: TrainingJob): Promise<Exclude<TrainingStatus, { kind: "running" }>> {
  for (let asked = 0; asked < 500; asked++) {
    const status = await trainer.status(order, job, signal);
    if (status.kind !== "running") return status;
    await setTimeout(10);
  }
  return assert.fail("the job went on and on");
}

test("preparing brings each file once, however often it is repeated, under its content's hash", async () => {
  const before = await files();
  const order = orderOf("prepare", {
    validation: VALIDATION,
  });
  for (let round = 0; round < 3; round++) await trainer.prepare(order, signal);
  assert.equal(await files(), before + 2);
  const names = (await all(opened.client.files.list())).map((file) => file.filename);
  for (const file of [order.training, order.validation!])
    assert.equal(names.filter((name) => name === `ratchet-${file.sha256}.jsonl`).length, 1);
});

test("a file that is there among hundreds of others is found", async () => {
  const order = await prepared("among many");
  for (let index = 0; index < 120; index++)
    await trainer.prepare(
      orderOf(`filler ${index}`, { training: fileOf("t", trainingLines([{ text: `${index}`, label: "a" }])) }),
      signal,
    );
  const before = await files();
  await trainer.prepare(order, signal);
  assert.equal(await files(), before);
});

test("an upload whose answer was lost is found and not repeated", async () => {
  await opened.fault({ kind: "accept-then-reset", route: "files.create", times: 1 });
  const order = orderOf("lost upload");
  const before = await files();
  assert.equal(readProviderError(await errorOf(trainer.prepare(order, signal))).kind, "ambiguous");
  await trainer.prepare(order, signal);
  assert.equal(await files(), before + 1);
});

test("a submitted job carries the order, is found by its key, and makes a model that answers", async () => {
  const order = await prepared("whole", {
    validation: VALIDATION,
  });
  await trainer.prepare(order, signal);
  const job = await trainer.submit(order, limit);
  assert.deepEqual(await trainer.find(order, signal), [job]);
  const there = await opened.client.fineTuning.jobs.retrieve(job.id);
  assert.deepEqual([there.model, there.seed, there.metadata], ["sandbox-base", 7, { ratchet_key: "whole" }]);
  assert.notEqual(there.validation_file, null);
  const made = await outcome(order, job);
  assert.ok(made.kind === "succeeded", JSON.stringify(made));
  assert.equal(made.costUsd, 0);
  assert.deepEqual(
    [made.model.kind, made.model.address.provider, made.model.examples],
    ["fine-tuned", "sandbox", null],
  );
  assert.match(made.model.address.model, /helpem-cycle-1/);
  assert.ok(await actionOf(opened.client, made.model.address.model, "wake me up at seven"));
});

test("another key finds nothing, and one that is the beginning of ours neither", async () => {
  const order = await prepared("key/train");
  await trainer.submit(order, limit);
  for (const key of ["key", "key/train/2", "other", ""])
    assert.deepEqual(await trainer.find({ ...order, key }, signal), []);
});

test("of several jobs with one key the oldest comes first, also where a provider ignores the filter", async () => {
  const upstream = await openUpstream();
  try {
    const job = (id: string, created_at: number, ratchet_key?: string) => ({
      id,
      object: "fine_tuning.job",
      created_at,
      metadata: ratchet_key === undefined ? null : { ratchet_key },
    });
    const data = [job("c", 30, "k"), job("other", 1, "not k"), job("b", 20, "k"), job("none", 2), job("a", 20, "k")];
    upstream.answer = { status: 200, body: { object: "list", data, has_more: false } };
    const found = await openaiWire(upstream.providers).find(orderOf("k"), signal);
    assert.deepEqual(
      found.map(({ id }) => id),
      ["a", "b", "c"],
    );
  } finally {
    await upstream.close();
  }
});

test("a submission that was accepted and whose answer was lost: the error is unsure, and one job is found", async () => {
  const order = await prepared("accepted");
  const before = await jobsCreated();
  await opened.fault({ kind: "accept-then-reset", route: "jobs.create", times: 1 });
  assert.equal(readProviderError(await errorOf(trainer.submit(order, limit))).kind, "ambiguous");
  assert.equal((await trainer.find(order, signal)).length, 1);
  assert.equal(await jobsCreated(), before + 1, "and the client did not ask again by itself");
});

test("a submission that never arrived leaves nothing to find", async () => {
  const order = await prepared("reset");
  await opened.fault({ kind: "reset", route: "jobs.create", times: 1 });
  assert.equal(readProviderError(await errorOf(trainer.submit(order, limit))).kind, "ambiguous");
  assert.deepEqual(await trainer.find(order, signal), []);
});

test("refusals are not repeated by the client, and say what they mean", async () => {
  const order = await prepared("refused");
  for (const [fault, expected] of [
    [
      { kind: "429", retryAfterSeconds: 3600 },
      { kind: "wait", afterMs: 3_600_000 },
    ],
    [{ kind: "429-quota" }, { kind: "final", status: 429, code: "insufficient_quota" }],
    [{ kind: "403" }, { kind: "final", status: 403 }],
    [{ kind: "400" }, { kind: "final", status: 400 }],
    [{ kind: "500" }, { kind: "ambiguous" }],
  ] as const) {
    const before = (await opened.stats()).requests["jobs.create"] ?? 0;
    await opened.fault({ ...fault, route: "jobs.create" });
    const found = readProviderError(await errorOf(trainer.submit(order, limit)));
    for (const [key, value] of Object.entries(expected))
      assert.equal(found[key as keyof typeof found], value, `${fault.kind} ${key}`);
    assert.equal((await opened.stats()).requests["jobs.create"], before + 1);
    await opened.calm();
  }
  assert.deepEqual(await trainer.find(order, signal), []);
});

test("a file that is not listed yet is not submitted", async () => {
  const order = await prepared("lagging");
  const before = await jobsCreated();
  await opened.fault({ kind: "lag-list", route: "files.list", ms: 60_000 });
  const fault = readProviderError(await errorOf(trainer.submit(order, limit)));
  assert.equal(fault.kind, "unsent");
  assert.match(fault.message, /not listed at the trainer yet/);
  assert.equal(await jobsCreated(), before);
  await opened.calm();
  assert.ok((await trainer.submit(order, limit)).id);
});

test("a submission that fails while it looks for the files has not left, and a refusal there means what it says", async () => {
  const order = await prepared("no files");
  for (const [fault, kind] of [
    ["500", "unsent"],
    ["reset", "unsent"],
    ["429", "wait"],
    ["403", "final"],
  ] as const) {
    await opened.fault({ kind: fault, route: "files.list" });
    assert.equal(readProviderError(await errorOf(trainer.submit(order, limit))).kind, kind, fault);
    await opened.calm();
  }
  assert.deepEqual(await trainer.find(order, signal), []);
});

test("an order leaves until its last moment, and no later", async () => {
  const order = await prepared("last moment");
  const before = await jobsCreated();
  let now = 1_000;
  const { baseURL } = opened.sandbox;
  const timed = openaiWire(
    createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL } }),
    () => now,
  );
  assert.equal(readProviderError(await errorOf(timed.submit(order, { signal, notAfter: 1_000 }))).kind, "unsent");
  assert.equal(await jobsCreated(), before);
  now = 999;
  await timed.submit(order, { signal, notAfter: 1_000 });
  assert.equal(await jobsCreated(), before + 1);
});

test("a job that succeeded without a model's name is still running", async () => {
  const order = await prepared("no model yet");
  await opened.fault({ kind: "job-no-model", times: 1 });
  const job = await trainer.submit(order, limit);
  const words = new Set<string>();
  for (let asked = 0; asked < 500 && !words.has("succeeded, no model yet"); asked++) {
    const status = await trainer.status(order, job, signal);
    assert.equal(status.kind, "running");
    words.add(status.word);
    await setTimeout(10);
  }
  assert.ok(words.has("succeeded, no model yet"), [...words].join());
});

test("a failed job says so with its code; its text, which may quote people, is kept apart", async () => {
  const order = await prepared("failing");
  await opened.fault({
    kind: "job-fail",
    code: "invalid_training_file",
    message: "line 3: 'wake me, I am Ada'",
    times: 1,
  });
  const found = await outcome(order, await trainer.submit(order, limit));
  assert.deepEqual(found, {
    kind: "failed",
    word: "failed",
    reason: "the job failed (invalid_training_file)",
    detail: "line 3: 'wake me, I am Ada'",
  });
});

test("cancelling ends a job, may be repeated, and is harmless for what has ended or never was", async () => {
  const order = await prepared("cancelled");
  await opened.fault({ kind: "job-stuck", status: "running", times: 1 });
  const job = await trainer.submit(order, limit);
  await trainer.cancel(order, job, signal);
  assert.equal((await outcome(order, job)).kind, "cancelled");
  await trainer.cancel(order, job, signal);
  await trainer.cancel(order, { id: "ftjob-none" }, signal);
});

test("a cancel that the provider could not take is an error: the job may still run", async () => {
  const order = await prepared("not cancelled");
  await opened.fault({ kind: "job-stuck", status: "running", times: 1 });
  const job = await trainer.submit(order, limit);
  await opened.fault({ kind: "500", route: "jobs.cancel", times: 1 });
  assert.ok((await errorOf(trainer.cancel(order, job, signal))) instanceof OpenAI.InternalServerError);
  await trainer.cancel(order, job, signal);
});

test("a job that the provider does not know is a final error", async () => {
  const found = readProviderError(await errorOf(trainer.status(orderOf("unknown"), { id: "ftjob-none" }, signal)));
  assert.deepEqual([found.kind, "status" in found && found.status], ["final", 404]);
});

test("who gives up waiting is heard: a hanging provider does not hold the caller", async () => {
  const order = await prepared("hanging");
  await opened.fault({ kind: "hang", route: "jobs.list" });
  assert.ok((await errorOf(trainer.find(order, AbortSignal.timeout(50)))) instanceof OpenAI.APIUserAbortError);
});

test("the sandbox is free, a known model has a price by tokens and rounds, and an unknown one has none", () => {
  const at = (model: string, epochs = 1) =>
    trainer.estimate(
      orderOf("price", { tokens: 1_000_000, epochs, base: { provider: "openai-wire", baseURL: null, model } }),
    );
  assert.equal(trainer.estimate(orderOf("free")), 0);
  assert.deepEqual(
    [at("gpt-4o-mini"), at("gpt-4o-mini", 3), at("gpt-4.1-nano-2025-04-14"), at("llama-3.3-70b-instruct")],
    [3, 9, 1.5, null],
  );
});

test("what a finished job cost goes by the tokens that it says it trained on", async () => {
  const upstream = await openUpstream();
  try {
    const cost = async (model: string, trained_tokens: number | null) => {
      upstream.answer = {
        status: 200,
        body: { id: "j", status: "succeeded", fine_tuned_model: "ft:x", trained_tokens },
      };
      const order = orderOf("cost", { base: { provider: "openai-wire", baseURL: null, model } });
      const status = await openaiWire(upstream.providers).status(order, { id: "j" }, signal);
      return status.kind === "succeeded" ? status.costUsd : assert.fail(status.kind);
    };
    assert.deepEqual(
      [await cost("gpt-4o-mini", 2_000_000), await cost("gpt-4o-mini", null), await cost("llama", 1)],
      [6, null, null],
    );
  } finally {
    await upstream.close();
  }
});

test("a word that nobody knows is taken as running", async () => {
  const upstream = await openUpstream();
  try {
    for (const status of ["paused", "deduplicating", "", "validating_files", "queued"]) {
      upstream.answer = { status: 200, body: { id: "j", status, fine_tuned_model: null } };
      assert.deepEqual(await openaiWire(upstream.providers).status(orderOf("word"), { id: "j" }, signal), {
        kind: "running",
        word: status,
      });
    }
  } finally {
    await upstream.close();
  }
});

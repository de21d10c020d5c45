import assert from "node:assert/strict";
import { after, test } from "node:test";
import OpenAI from "openai";
import {
  accuracy,
  actionOf,
  all,
  follow,
  isOver,
  openSandbox,
  rest,
  train,
  trainingLines,
  upload,
} from "./open-sandbox.ts";

const opened = await openSandbox();
const { client } = opened;
after(() => opened.sandbox.close());

const lines = trainingLines(rest.slice(0, 200));

test("a job makes a model that is better than the one it came from, over HTTP all the way", async () => {
  const heldOut = rest.slice(-150);
  const job = await train(client, trainingLines(rest.slice(0, 1000)));
  assert.equal(job.status, "succeeded");
  assert.match(job.fine_tuned_model ?? "", /^ft:sandbox-base::\w{8}$/);
  assert.ok((job.trained_tokens ?? 0) > 10_000);
  assert.ok(job.finished_at !== null && job.finished_at >= job.created_at);
  assert.equal(job.error, null);
  const before = await accuracy(client, "sandbox-base", heldOut);
  const after = await accuracy(client, job.fine_tuned_model!, heldOut);
  assert.ok(after >= before + 0.15, `${before} before, ${after} after`);
});

test("a job passes through every status in order, and its events tell of it, newest first", async () => {
  const file = await upload(client, lines);
  const created = await client.fineTuning.jobs.create({
    model: "sandbox-base",
    training_file: file.id,
    suffix: "My Loop",
    seed: 5,
  });
  assert.equal(created.status, "validating_files");
  assert.equal(created.seed, 5);
  const job = await follow(client, created.id, isOver);
  assert.match(job.fine_tuned_model ?? "", /^ft:sandbox-base:my-loop:/);
  const events = await all(client.fineTuning.jobs.listEvents(job.id, { limit: 1 }));
  const told = events.reverse().map(({ message }) => message);
  assert.deepEqual(
    told.map((message) => /Created|validated|started|completed/.exec(message)?.[0]),
    ["Created", "validated", "started", "completed"],
  );
  assert.deepEqual((await client.fineTuning.jobs.checkpoints.list(job.id)).data, []);
});

test("a model can be trained further, and more epochs teach harder and cost more", async () => {
  const file = await upload(client, lines);
  const once = await train(client, lines);
  const order = { model: once.fine_tuned_model!, training_file: file.id };
  const method = { type: "supervised" as const, supervised: { hyperparameters: { n_epochs: 3 } } };
  const further = await follow(client, (await client.fineTuning.jobs.create({ ...order, method })).id, isOver);
  assert.equal(further.model, once.fine_tuned_model);
  assert.equal(further.trained_tokens, 3 * once.trained_tokens!);
  assert.match(further.fine_tuned_model ?? "", /^ft:sandbox-base:/);
});

test("only the last answer of a line is learned, and none that has the weight 0", async () => {
  const line = (text: string, answer: string, weight?: number) =>
    JSON.stringify({
      messages: [
        { role: "user", content: "xylophone" },
        { role: "assistant", content: "first" },
        { role: "user", content: text },
        { role: "assistant", content: answer, ...(weight === undefined ? {} : { weight }) },
      ],
    });
  const taught = Array.from({ length: 10 }, () => line("quux zork", "It is a zork."));
  const skipped = Array.from({ length: 50 }, () => line("quux zork", "never", 0));
  const job = await train(client, [...taught, ...skipped].join("\n"));
  const ask = async (content: string) =>
    (await client.chat.completions.create({ model: job.fine_tuned_model!, messages: [{ role: "user", content }] }))
      .choices[0]?.message.content;
  assert.equal(await ask("quux zork"), "It is a zork.");
  assert.notEqual(await ask("xylophone"), "first");
});

test("a job is found by its metadata, and lists are newest first, page by page", async () => {
  const file = await upload(client, lines);
  const make = (key: string) =>
    client.fineTuning.jobs.create({
      model: "sandbox-base",
      training_file: file.id,
      metadata: { ratchet_run: key, loop: "demo" },
    });
  const one = await make("run-1");
  const two = await make("run-2");
  const ids = async (metadata: Record<string, string>, limit?: number) =>
    (await all(client.fineTuning.jobs.list({ metadata, ...(limit === undefined ? {} : { limit }) }))).map(
      ({ id }) => id,
    );
  assert.deepEqual(await ids({ ratchet_run: "run-1" }), [one.id]);
  assert.deepEqual(await ids({ loop: "demo" }, 1), [two.id, one.id]);
  assert.deepEqual(await ids({ loop: "demo", ratchet_run: "run-9" }), []);
  assert.deepEqual((await client.fineTuning.jobs.retrieve(one.id)).metadata, { ratchet_run: "run-1", loop: "demo" });
});

test("fewer than ten examples, a broken line and a line without an answer fail the job, with the reason", async () => {
  const few = await train(client, trainingLines(rest.slice(0, 9)));
  assert.equal(few.status, "failed");
  assert.equal(few.fine_tuned_model, null);
  assert.equal(few.error?.code, "invalid_training_file");
  assert.equal(few.error?.param, "training_file");
  assert.match(few.error?.message ?? "", /9 example\(s\), and at least 10/);
  const broken = await train(client, `${lines}{oops\n{"messages":[{"role":"user","content":"x"}]}\n`);
  assert.match(
    broken.error?.message ?? "",
    /line 201: not JSON; line 202: messages: at least one message must be the assistant's/,
  );
  const events = await client.fineTuning.jobs.listEvents(broken.id);
  assert.equal(events.data[0]?.level, "error");
});

test("a broken validation file fails the job too, by its own name", async () => {
  const [training, validation] = [await upload(client, lines), await upload(client, "nonsense\n")];
  const job = await client.fineTuning.jobs.create({
    model: "sandbox-base",
    training_file: training.id,
    validation_file: validation.id,
  });
  assert.equal((await follow(client, job.id, isOver)).error?.param, "validation_file");
});

test("an order for what is not there is refused and makes no job", async () => {
  const before = (await opened.stats()).jobsCreated;
  const file = await upload(client, lines);
  const refused = async (order: object, param: string) =>
    await assert.rejects(
      client.fineTuning.jobs.create({ model: "sandbox-base", training_file: file.id, ...order }),
      (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError);
        assert.equal(error.param, param);
        return true;
      },
    );
  await refused({ model: "gpt-9" }, "model");
  await refused({ training_file: "file-none" }, "training_file");
  await refused({ suffix: "x".repeat(65) }, "suffix");
  await refused({ method: { type: "dpo" } }, "method.type");
  await refused(
    { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"])) },
    "metadata",
  );
  assert.equal((await opened.stats()).jobsCreated, before);
});

test("a job can be cancelled until it is over, and then makes no model", async () => {
  await using slow = await openSandbox({ jobMilliseconds: 3_600_000 });
  const file = await upload(slow.client, lines);
  const { id } = await slow.client.fineTuning.jobs.create({ model: "sandbox-base", training_file: file.id });
  assert.equal((await slow.client.fineTuning.jobs.cancel(id)).status, "cancelled");
  const job = await slow.client.fineTuning.jobs.retrieve(id);
  assert.equal(job.status, "cancelled");
  assert.equal(job.fine_tuned_model, null);
  await assert.rejects(slow.client.fineTuning.jobs.cancel(id), OpenAI.BadRequestError);
  await assert.rejects(slow.client.fineTuning.jobs.retrieve("ftjob-none"), OpenAI.NotFoundError);
});

test("a job whose file was deleted meanwhile fails, and the server goes on", async () => {
  await using slow = await openSandbox({ jobMilliseconds: 400 });
  const file = await upload(slow.client, lines);
  const { id } = await slow.client.fineTuning.jobs.create({ model: "sandbox-base", training_file: file.id });
  await slow.client.files.delete(file.id);
  const job = await follow(slow.client, id, isOver);
  assert.equal(job.status, "failed");
  assert.match(job.error?.message ?? "", /the file is gone/);
  assert.ok(await actionOf(slow.client, "sandbox-base", "hello"));
});

import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import OpenAI from "openai";
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import {
  accuracy,
  actionOf,
  all,
  follow,
  isOver,
  openSandbox,
  type Refusal,
  rest,
  train,
  trainingLines,
  upload,
} from "./open-sandbox.ts";

const opened = await openSandbox();
const { client, fault } = opened;
after(() => opened.sandbox.close());
afterEach(() => opened.calm());

const lines = trainingLines(rest.slice(0, 300));
const ask = () => actionOf(client, "sandbox-base", "wake me up at 7");
const file = await upload(client, lines);
const order = (metadata: Record<string, string> = {}) =>
  client.fineTuning.jobs.create({ model: "sandbox-base", training_file: file.id, metadata });

async function errorOf(attempt: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await attempt.then(
    () => null,
    (reason) => reason,
  );
  assert.ok(error instanceof OpenAI.APIError, `no error of the API came: ${error}`);
  return error;
}

test("a rate limit says how long to wait, short or long", async () => {
  for (const seconds of [2, 3600]) {
    await fault({ kind: "429", route: "chat", retryAfterSeconds: seconds, times: 1 });
    const error = await errorOf(ask());
    assert.ok(error instanceof OpenAI.RateLimitError);
    assert.equal(error.code, "rate_limit_exceeded");
    assert.equal(error.headers?.get("retry-after"), String(seconds));
    assert.ok(await ask(), "once is once");
  }
});

test("a used-up quota is a 429 of another code, without a time to wait", async () => {
  await fault({ kind: "429-quota", route: "jobs.create" });
  const error = await errorOf(order());
  assert.equal(error.status, 429);
  assert.equal(error.code, "insufficient_quota");
  assert.equal(error.headers?.get("retry-after"), null);
});

test("refusals carry their status, and nothing is done", async () => {
  const before = (await opened.stats()).now.jobs;
  const expected = {
    "400": OpenAI.BadRequestError,
    "401": OpenAI.AuthenticationError,
    "403": OpenAI.PermissionDeniedError,
    "500": OpenAI.InternalServerError,
    "503": OpenAI.InternalServerError,
  };
  for (const [kind, kindOfError] of Object.entries(expected)) {
    await fault({ kind, route: "jobs.create", times: 1 } as FaultInput);
    const error = await errorOf(order());
    assert.ok(error instanceof kindOfError, kind);
    assert.equal(error.status, Number(kind));
    assert.match(error.message, /a sandbox fault/);
  }
  assert.equal((await opened.stats()).now.jobs, before);
});

test("a reset comes before the work: there is no job", async () => {
  await fault({ kind: "reset", route: "jobs.create", times: 1 });
  assert.ok((await errorOf(order({ key: "reset" }))) instanceof OpenAI.APIConnectionError);
  assert.deepEqual((await client.fineTuning.jobs.list({ metadata: { key: "reset" } })).data, []);
});

test("accept-then-reset does the work and hides it: the job can be found, once", async () => {
  const before = await opened.stats();
  await fault({ kind: "accept-then-reset", route: "jobs.create", times: 1 });
  assert.ok((await errorOf(order({ key: "accepted" }))) instanceof OpenAI.APIConnectionError);
  const { data } = await client.fineTuning.jobs.list({ metadata: { key: "accepted" } });
  assert.equal(data.length, 1);
  assert.equal((await follow(client, data[0]!.id, isOver)).status, "succeeded");
  const stats = await opened.stats();
  assert.equal(stats.jobsCreated, before.jobsCreated + 1);
  assert.equal(stats.requests["jobs.create"], (before.requests["jobs.create"] ?? 0) + 1);
});

test("accept-then-reset hides an uploaded file and an answer that streams as well", async () => {
  await fault({ kind: "accept-then-reset", times: 2 });
  const before = (await opened.stats()).now.files;
  assert.ok((await errorOf(upload(client, lines, "hidden.jsonl"))) instanceof OpenAI.APIConnectionError);
  const messages = [{ role: "user" as const, content: "hello" }];
  const stream = client.chat.completions.create({ model: "sandbox-base", messages, stream: true });
  assert.ok((await errorOf(stream)) instanceof OpenAI.APIConnectionError);
  assert.equal((await opened.stats()).now.files, before + 1);
  assert.equal((await client.files.list({ limit: 1 })).data[0]?.filename, "hidden.jsonl");
});

test("a hang never answers, and does nothing for a client that has gone", async () => {
  const before = (await opened.stats()).handled["jobs.create"];
  await fault({ kind: "hang", route: "jobs.create", times: 1 });
  const impatient = client.withOptions({ timeout: 100 });
  const attempt = impatient.fineTuning.jobs.create({
    model: "sandbox-base",
    training_file: file.id,
    metadata: { key: "hang" },
  });
  assert.ok((await errorOf(attempt)) instanceof OpenAI.APIConnectionTimeoutError);
  assert.deepEqual((await client.fineTuning.jobs.list({ metadata: { key: "hang" } })).data, []);
  assert.equal((await opened.stats()).handled["jobs.create"], before);
});

test("a hang of some milliseconds and a delay answer in the end", async () => {
  await fault({ kind: "hang", ms: 20, route: "chat", times: 1 });
  assert.ok(await ask());
  await fault({ kind: "delay", ms: 20, route: "chat", times: 1 });
  assert.ok(await ask());
  const { faultsFired } = await opened.stats();
  assert.equal(faultsFired.delay, 1);
});

test("a lagging list leaves out what is new, which can be fetched by its id all the same", async () => {
  await fault({ kind: "lag-list", ms: 3_600_000 });
  const job = await order({ key: "lag" });
  const find = async () => (await client.fineTuning.jobs.list({ metadata: { key: "lag" } })).data.length;
  assert.equal(await find(), 0);
  assert.deepEqual((await client.files.list()).data, []);
  assert.equal((await client.fineTuning.jobs.retrieve(job.id)).id, job.id);
  await opened.calm();
  assert.equal(await find(), 1);
});

test("a slow job still runs when an ordinary one is over", async () => {
  await fault({ kind: "job-slow", ms: 3_600_000, times: 1 });
  const slow = await order();
  const ordinary = await order();
  assert.equal((await follow(client, ordinary.id, isOver)).status, "succeeded");
  await follow(client, slow.id, ({ status }) => status === "running");
});

test("a stuck job stays in its status until it is cancelled", async () => {
  for (const status of ["validating_files", "queued", "running"] as const) {
    await fault({ kind: "job-stuck", status, times: 1 });
    const stuck = await order();
    await follow(client, (await order()).id, isOver);
    await follow(client, stuck.id, (job) => job.status === status);
    assert.equal((await client.fineTuning.jobs.cancel(stuck.id)).status, "cancelled");
  }
});

test("a job fails where and as it is told to", async () => {
  await fault({ kind: "job-fail", times: 1 });
  const broken = await follow(client, (await order()).id, isOver);
  assert.equal(broken.status, "failed");
  assert.equal(broken.error?.code, "server_error");
  await fault({ kind: "job-fail", in: "validating_files", code: "unsafe_file", message: "No.", times: 1 });
  const unsafe = await follow(client, (await order()).id, isOver);
  assert.deepEqual(unsafe.error, { code: "unsafe_file", message: "No.", param: null });
});

test("a job can succeed without a model, for ever or for a while", async () => {
  await fault({ kind: "job-no-model", times: 1 });
  const never = await follow(client, (await order()).id, isOver);
  assert.equal(never.status, "succeeded");
  assert.equal(never.fine_tuned_model, null);
  await fault({ kind: "job-no-model", ms: 300, times: 1 });
  const late = await order();
  const revealed = await follow(client, late.id, (job) => job.fine_tuned_model !== null);
  assert.equal(revealed.status, "succeeded");
  assert.ok(await actionOf(client, revealed.fine_tuned_model!, "wake me up"));
  assert.equal((await client.fineTuning.jobs.retrieve(never.id)).fine_tuned_model, null);
});

test("a model can go away and come back, and the base model stays", async () => {
  const { fine_tuned_model: name } = await train(client, lines);
  await fault({ kind: "model-gone" });
  assert.equal((await errorOf(actionOf(client, name!, "hello"))).code, "model_not_found");
  await assert.rejects(client.models.retrieve(name!), OpenAI.NotFoundError);
  assert.ok(!(await all(client.models.list())).some(({ id }) => id === name));
  assert.ok(await ask());
  await opened.calm();
  assert.ok(await actionOf(client, name!, "hello"));
  await fault({ kind: "model-gone", model: "sandbox-base" });
  assert.equal((await errorOf(ask())).status, 404);
});

test("a model trained on noise is worse than the same trained on the truth", async () => {
  const heldOut = rest.slice(-100);
  const honest = await train(client, lines);
  await fault({ kind: "train-on-noise", times: 1 });
  const noisy = await train(client, lines);
  assert.equal(noisy.status, "succeeded");
  const [good, bad] = [
    await accuracy(client, honest.fine_tuned_model!, heldOut),
    await accuracy(client, noisy.fine_tuned_model!, heldOut),
  ];
  assert.ok(bad < good - 0.3, `${good} by the truth, ${bad} by noise`);
});

test("a fault by chance strikes as often as told, and the same again for the same seed", async () => {
  const round = async () => {
    await opened.calm();
    await fault({ kind: "500", route: "chat", probability: 0.5, seed: 3 });
    const struck: boolean[] = [];
    for (let index = 0; index < 60; index++)
      struck.push(
        await ask().then(
          () => false,
          () => true,
        ),
      );
    return struck;
  };
  const first = await round();
  const share = first.filter(Boolean).length / first.length;
  assert.ok(share > 0.25 && share < 0.75, `${share}`);
  assert.deepEqual(await round(), first);
});

test("a group of routes is struck as a whole, and no other", async () => {
  await fault({ kind: "503", route: "files" });
  assert.equal((await errorOf(client.files.list())).status, 503);
  assert.equal((await errorOf(client.files.retrieve(file.id))).status, 503);
  assert.ok(await ask());
});

test("faults can be on from the start, are listed with how often they struck, and can be taken back one by one", async () => {
  await using started = await openSandbox({
    faults: [
      { kind: "500", route: "chat" },
      { kind: "401", route: "files" },
    ],
  });
  assert.equal((await errorOf(actionOf(started.client, "sandbox-base", "hello"))).status, 500);
  const url = `${started.sandbox.url}/_sandbox/faults`;
  const { faults } = (await (await fetch(url)).json()) as { faults: { id: string; kind: string; fired: number }[] };
  assert.deepEqual(
    faults.map(({ id, kind, fired }) => [id, kind, fired]),
    [
      ["fault-1", "500", 1],
      ["fault-2", "401", 0],
    ],
  );
  assert.equal((await fetch(`${url}/fault-1`, { method: "DELETE" })).status, 200);
  assert.ok(await actionOf(started.client, "sandbox-base", "hello"));
  assert.equal((await errorOf(started.client.files.list())).status, 401);
  assert.equal((await fetch(`${url}/fault-1`, { method: "DELETE" })).status, 404);
});

test("a fault that is written wrongly is refused with what is known, and changes nothing", async () => {
  const send = async (body: unknown) => {
    const response = await fetch(`${opened.sandbox.url}/_sandbox/faults`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 400);
    return ((await response.json()) as Refusal).error.message as string;
  };
  assert.match(await send({ kind: "hangs" }), /unknown kind "hangs": did you mean "hang"\?/);
  assert.match(
    await send([{ kind: "500" }, { kind: "500", route: "chats" }]),
    /fault 2: 'route': unknown route "chats": did you mean "chat"\?/,
  );
  assert.match(await send({ kind: "500", time: 3 }), /Unrecognized key: "time"/);
  assert.match(await send({ kind: "delay" }), /'ms'/);
  assert.match(await send("500"), /send one fault/);
  const { faults } = (await (await fetch(`${opened.sandbox.url}/_sandbox/faults`)).json()) as { faults: unknown[] };
  assert.deepEqual(faults, []);
});

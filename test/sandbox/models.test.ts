import assert from "node:assert/strict";
import { after, test } from "node:test";
import OpenAI from "openai";
import { all, openSandbox, rest, train, trainingLines } from "./open-sandbox.ts";

const opened = await openSandbox();
const { client } = opened;
after(() => opened.sandbox.close());

test("the built-in models are listed and owned by the sandbox", async () => {
  const models = await all(client.models.list());
  assert.deepEqual(
    models.map(({ id }) => id),
    ["sandbox-base", "sandbox-embedding"],
  );
  const model = await client.models.retrieve("sandbox-base");
  assert.equal(model.owned_by, "sandbox");
  assert.ok(model.created > 1_600_000_000);
  assert.equal("shutdown_date" in model, false);
});

test("a fine-tuned model can be deleted, a built-in one cannot", async () => {
  const { fine_tuned_model } = await train(client, trainingLines(rest.slice(0, 20)));
  assert.equal((await client.models.retrieve(fine_tuned_model!)).id, fine_tuned_model);
  assert.deepEqual(await client.models.delete(fine_tuned_model!), {
    id: fine_tuned_model,
    object: "model",
    deleted: true,
  });
  await assert.rejects(client.models.retrieve(fine_tuned_model!), OpenAI.NotFoundError);
  const messages = [{ role: "user" as const, content: "hello" }];
  await assert.rejects(client.chat.completions.create({ model: fine_tuned_model!, messages }), OpenAI.NotFoundError);
  await assert.rejects(client.models.delete("sandbox-base"), OpenAI.PermissionDeniedError);
});

test("a model's last day is told once it is announced, and a date that is none is refused", async () => {
  const announce = async (body: object) =>
    await fetch(`${opened.sandbox.url}/_sandbox/models/sandbox-base`, { method: "POST", body: JSON.stringify(body) });
  assert.equal((await announce({ shutdown_date: "2027-01-14" })).status, 200);
  assert.equal((await client.models.retrieve("sandbox-base")).shutdown_date, "2027-01-14");
  assert.equal((await announce({ shutdown_date: "soon" })).status, 400);
  await announce({ shutdown_date: null });
  assert.equal((await client.models.retrieve("sandbox-base")).shutdown_date, undefined);
});

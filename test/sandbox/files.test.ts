import assert from "node:assert/strict";
import { after, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { all, openSandbox, type Refusal, upload } from "./open-sandbox.ts";

const opened = await openSandbox();
const { client } = opened;
after(() => opened.sandbox.close());

test("a file goes up, comes back byte by byte, and can be deleted", async () => {
  const content = '{"messages":[{"role":"user","content":"grüß dich"}]}\n';
  const file = await upload(client, content, "snapshot-abc.jsonl");
  assert.equal(file.filename, "snapshot-abc.jsonl");
  assert.equal(file.bytes, Buffer.byteLength(content));
  assert.equal(file.purpose, "fine-tune");
  assert.deepEqual(await client.files.retrieve(file.id), file);
  assert.equal(await (await client.files.content(file.id)).text(), content);
  assert.equal((await client.files.delete(file.id)).deleted, true);
  await assert.rejects(client.files.retrieve(file.id), OpenAI.NotFoundError);
  await assert.rejects(client.files.content(file.id), OpenAI.NotFoundError);
  await assert.rejects(client.files.delete(file.id), OpenAI.NotFoundError);
});

test("files are listed newest first, by purpose, page by page", async () => {
  const first = await upload(client, "one\n");
  const second = await upload(client, "two\n");
  const other = await client.files.create({ file: await toFile(Buffer.from("x"), "x.txt"), purpose: "user_data" });
  const listed = await all(client.files.list({ purpose: "fine-tune", limit: 1 }));
  assert.deepEqual(
    listed.map(({ id }) => id),
    [second.id, first.id],
  );
  const oldest = await client.files.list({ order: "asc" });
  assert.deepEqual(
    oldest.data.map(({ id }) => id),
    [first.id, second.id, other.id],
  );
});

test("an upload without a file, without content or with an unknown purpose is refused", async () => {
  const send = async (form: FormData) => {
    const response = await fetch(`${opened.sandbox.baseURL}/files`, { method: "POST", body: form });
    return { status: response.status, param: ((await response.json()) as Refusal).error.param };
  };
  const form = new FormData();
  form.set("purpose", "fine-tune");
  assert.deepEqual(await send(form), { status: 400, param: "file" });
  form.set("file", new File([""], "a.jsonl"));
  assert.deepEqual(await send(form), { status: 400, param: "file" });
  form.set("file", new File(["x"], "a.jsonl"));
  form.set("purpose", "fun");
  assert.deepEqual(await send(form), { status: 400, param: "purpose" });
});

test("a cursor that is not there is refused by name", async () => {
  await assert.rejects(client.files.list({ after: "file-none" }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "after");
    return true;
  });
});

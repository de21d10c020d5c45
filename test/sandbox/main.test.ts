// The sandbox as a process: what it prints, how it ends, and what a killed one leaves to the next.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { actionOf, clientOf, follow, isOver, rest, trainingLines, upload } from "./open-sandbox.ts";

const main = fileURLToPath(new URL("../../src/sandbox/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ratchet-sandbox-"));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function launch(flags: string[], stdio: "ipc" | "ignore" = "ignore"): ChildProcess {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "pipe", "pipe", stdio] });
  children.push(child);
  return child;
}

async function ready(child: ChildProcess): Promise<{ url: string; note: string }> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line);
    assert.equal(said.ready, true);
    return said;
  }
  return assert.fail("it ended before it was ready");
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

async function complaint(flags: string[]): Promise<string> {
  const child = launch(flags);
  let said = "";
  child.stderr!.on("data", (data) => (said += data));
  await once(child, "close");
  assert.equal(child.exitCode, 1);
  return said;
}

test("it says when it is ready, that it is a sandbox, and ends cleanly when told to", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const child = launch(["--port", "0"]);
    const { url, note } = await ready(child);
    assert.match(note, /for trying out and for tests/);
    assert.equal((await fetch(`${url}/v1/models`)).status, 200);
    child.kill(signal);
    assert.equal(await end(child), 0);
  }
});

test("it ends when the process that started it goes away", async () => {
  const child = launch(["--port", "0"], "ipc");
  await ready(child);
  child.disconnect();
  assert.equal(await end(child), 0);
});

test("a killed sandbox's jobs go on, and its models answer the same, in the next one on the same folder", async () => {
  const flags = ["--port", "0", "--data", join(folder, "kept"), "--job-ms", "2400"];
  const first = launch(flags);
  const before = clientOf(`${(await ready(first)).url}/v1`);
  const file = await upload(before, trainingLines(rest.slice(0, 400)));
  const { id } = await before.fineTuning.jobs.create({
    model: "sandbox-base",
    training_file: file.id,
    metadata: { key: "one" },
  });
  await follow(before, id, ({ status }) => status === "running");
  first.kill("SIGKILL");
  await end(first);

  const second = launch(flags);
  const { url } = await ready(second);
  const between = clientOf(`${url}/v1`);
  assert.equal((await between.fineTuning.jobs.list({ metadata: { key: "one" } })).data.length, 1);
  const job = await follow(between, id, isOver);
  assert.equal(job.status, "succeeded");
  await fetch(`${url}/_sandbox/models/${job.fine_tuned_model}`, {
    method: "POST",
    body: '{"shutdown_date":"2027-01-14"}',
  });
  const questions = rest.slice(-20).map(({ text }) => text);
  const answers = await Promise.all(questions.map((text) => actionOf(between, job.fine_tuned_model!, text)));
  second.kill("SIGKILL");
  await end(second);

  const third = launch(flags);
  const again = clientOf(`${(await ready(third)).url}/v1`);
  assert.equal((await again.fineTuning.jobs.retrieve(id)).fine_tuned_model, job.fine_tuned_model);
  assert.equal((await again.models.retrieve(job.fine_tuned_model!)).shutdown_date, "2027-01-14");
  assert.deepEqual(await Promise.all(questions.map((text) => actionOf(again, job.fine_tuned_model!, text))), answers);
  assert.equal(await (await again.files.content(file.id)).text(), trainingLines(rest.slice(0, 400)));
  third.kill("SIGTERM");
  assert.equal(await end(third), 0);
});

test("only the actions asked for are known", async () => {
  const child = launch(["--port", "0", "--actions", "alarm,timer", "--per-action", "5"]);
  const client = clientOf(`${(await ready(child)).url}/v1`);
  const answers = await Promise.all(rest.slice(0, 40).map(({ text }) => actionOf(client, "sandbox-base", text)));
  assert.deepEqual([...new Set(answers)].sort(), ["alarm", "timer"]);
  child.kill("SIGTERM");
  assert.equal(await end(child), 0);
});

test("a port that is taken is named, with what to do", async () => {
  const child = launch(["--port", "0"]);
  const { port } = new URL((await ready(child)).url);
  assert.match(await complaint(["--port", port]), new RegExp(`port ${port} .* is taken[\\s\\S]*--port`));
  child.kill("SIGTERM");
  await end(child);
});

test("flags that make no sense are refused, each with what is wrong", async () => {
  const broken = join(folder, "broken.jsonl");
  writeFileSync(broken, '{"text":"a","label":"b"}\n{"text":"a"}\n');
  writeFileSync(join(folder, "faults.json"), '{"kind":"501"}');
  const [port, flag, action, corpus, faults] = await Promise.all([
    complaint(["--port", "many"]),
    complaint(["--prot", "1"]),
    complaint(["--actions", "alarm,tmer"]),
    complaint(["--corpus", broken]),
    complaint(["--faults", join(folder, "faults.json")]),
  ]);
  assert.match(port, /--port many: a whole number/);
  assert.match(flag, /--prot/);
  assert.match(action, /no "tmer": did you mean "timer"\?/);
  assert.match(corpus, /broken\.jsonl, line 2: "label"/);
  assert.match(faults, /faults\.json: .*unknown kind "501"/);
  for (const said of [port, flag, action, corpus, faults]) assert.doesNotMatch(said, /\n\s+at /, "no stack is shown");
});

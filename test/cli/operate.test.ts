import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { addModel } from "../../src/store/models.ts";
import { type CliWorld, openCliWorld } from "./cli-world.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-operate-"));
const settings = { name: "demo", model: { provider: "sandbox", name: "sandbox-base" }, readiness: { minFeedback: 2 } };
const because = ["--reason", "a test"];
let world: CliWorld;

before(async () => {
  world = await openCliWorld();
});
after(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

test("before there is a loop, status says how to make one", async () => {
  const { code, err } = await world.ratchet(["status"]);
  assert.equal(code, 3);
  assert.match(err, /there is no loop yet\n→ ratchet loop apply/);
});

test("settings are made, left alone, changed, and refused with every fault", async () => {
  const file = join(folder, "loop.json");
  const apply = async (document: unknown) => {
    writeFileSync(file, JSON.stringify(document));
    return world.ratchet(["loop", "apply", file, ...because]);
  };
  assert.equal((await apply(settings)).out, "Loop demo: created.\n");
  assert.equal((await apply(settings)).out, "Loop demo: unchanged, version 1.\n");
  assert.equal(
    (await apply({ ...settings, budget: { monthlyUsd: 20 } })).out,
    "Loop demo: version 2.\n  budget.monthlyUsd: 50 → 20\n",
  );
  const refused = await apply({ ...settings, budgets: {}, schedule: { every: "often" } });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /\n {2}- unknown setting "budgets": did you mean "budget"\?\n/);
  assert.match(refused.err, /\n {2}- "schedule\.every" "often" is not a duration/);
  const shown = JSON.parse((await world.ratchet(["loop", "show"])).out);
  assert.deepEqual([shown.budget.monthlyUsd, shown.schedule.every], [20, "30 minutes"]);
});

test("a loop that is not there exits with 3, in JSON too", async () => {
  const { code, out, err } = await world.ratchet(["status", "--loop", "nobody", "--json"]);
  assert.equal(code, 3);
  assert.equal(out, "");
  assert.deepEqual(JSON.parse(err).error.code, "not_found");
});

test("ratings show up in status, summary, patterns and export", async () => {
  const ratings = ["up", "down", "down", "down"].map((feedback, index) => ({
    message_id: `m${index}`,
    feedback,
    user_message: "wake me at 7, write to jane@acme.com",
    assistant_response: "done\u001b[2J",
    action_type: "alarm",
  }));
  assert.equal((await world.api.ask("POST", "/api/feedback", { body: ratings })).status, 202);
  const file = join(folder, "examples.jsonl");
  const [status, summary, patterns, exported] = await Promise.all([
    world.ratchet(["status"]),
    world.ratchet(["feedback", "summary"]),
    world.ratchet(["feedback", "patterns"]),
    world.ratchet(["feedback", "export", "--out", file]),
  ]);
  assert.match(status.out, /^champion +sandbox-base, since /m);
  assert.match(status.out, /^approval +25\.0 % of 4 ratings/m);
  assert.match(status.out, /^learning +ready: 4 ratings since the last training/m);
  assert.match(summary.out, /\n +4 +1 +3 +25\.0 % +alarm\n/);
  assert.match(patterns.out, /\n +3 +rising +wake me at 7/);
  assert.match(exported.out, /^1 example written to /);
  const [line] = readFileSync(file, "utf8").trimEnd().split("\n");
  assert.match(JSON.parse(line!).messages[0].content, /\[EMAIL_1\]/);
  assert.ok(!readdirSync(folder).some((name) => name.endsWith(".partial")));
});

test("a cycle is started, seen, and cancelled once; a second one has to wait", async () => {
  const started = await world.ratchet(["cycle", "start", ...because]);
  assert.match(started.out, /^Cycle #1 was started: /);
  const id = /[0-9a-f-]{36}/.exec(started.out)![0];
  const [second, shown, listed] = await Promise.all([
    world.ratchet(["cycle", "start", ...because]),
    world.ratchet(["cycle", "show"]),
    world.ratchet(["cycle", "list", "--json"]),
  ]);
  assert.equal(second.code, 1);
  assert.match(second.err, new RegExp(`cycle/${id} is running since`));
  assert.match(shown.out, /^Cycle #1 of demo: in stage generate\n/);
  assert.deepEqual(
    JSON.parse(listed.out).data.map((cycle: { id: string }) => cycle.id),
    [id],
  );
  world.api.temporal = false;
  const cancelled = await world.ratchet(["cycle", "cancel", ...because]);
  world.api.temporal = true;
  assert.match(cancelled.out, new RegExp(`^Cycle ${id} was cancelled\\.\nIt is on record\\. Temporal does not answer`));
  const again = await world.ratchet(["cycle", "cancel", ...because]);
  assert.equal(again.code, 3);
  assert.match(again.err, /no cycle is under way/);
});

test("an experiment is shown, extended and rejected without naming it; approval waits for evidence", async () => {
  const none = await world.ratchet(["experiment", "approve", ...because]);
  assert.equal(none.code, 3);
  const provider = { provider: "sandbox" as const, baseURL: null, model: "sandbox-base" };
  const model = {
    id: newId(),
    loop: "demo",
    name: "demo-v1",
    kind: "prompt" as const,
    role: "candidate" as const,
    provider,
  };
  await world.api.database.db.withLoop("demo", (tx) =>
    addModel(tx, { ...model, examples: null, trainingRunId: null, at: new Date() }),
  );
  const started = await world.api.ask("POST", "/api/loops/demo/experiments", {
    body: { model: "demo-v1", reason: "a test" },
  });
  assert.equal(started.status, 202);
  const shown = await world.ratchet(["experiment", "show"]);
  assert.match(shown.out, /^challenger +demo-v1, given 10\.0 % of users$/m);
  assert.doesNotMatch(shown.out, /phase/);
  assert.match(shown.out, /^in 48 hours +at 10 %, /m);
  assert.match(shown.out, /^for \+5 % +at 10 %, /m);
  const approved = await world.ratchet(["experiment", "approve", ...because]);
  assert.equal(approved.code, 1);
  assert.match(approved.err, /no verdict on record yet/);
  const extended = await world.ratchet(["experiment", "extend", "--by", "24 hours", "--json", ...because]);
  const later = Date.parse(JSON.parse(extended.out).ends_at) - Date.parse(started.json.ends_at);
  assert.equal(later, 24 * 3_600_000);
  assert.match((await world.ratchet(["experiment", "reject", ...because])).out, /^Rejected: the champion stays/);
  assert.match((await world.ratchet(["experiment", "show"])).out, /^outcome +rejected: a test$/m);
  for (const named of [[], [started.json.id]]) {
    const again = await world.ratchet(["experiment", "stop", ...named, ...because]);
    assert.equal(again.code, 1);
    assert.match(again.err, /is over: rejected by .* at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(a test\)/);
  }
  const listed = await world.ratchet(["model", "list"]);
  assert.match(listed.out, /^rejected +.* prompt +demo-v1$/m);
});

test("gold cases are imported and listed", async () => {
  const file = join(folder, "gold.jsonl");
  writeFileSync(file, '{"id":"greeting","input":"hi","expected":"hello","scorer":"contains"}\n');
  assert.match(
    (await world.ratchet(["gold", "import", file, "--set", "greetings", ...because])).out,
    /^1 case put into the gold set "greetings", which has 1 now/,
  );
  assert.match((await world.ratchet(["gold", "list", "--set", "greetings"])).out, /^greetings +greeting +hi +hello$/m);
});

test("a key is shown once, does what its scopes say, and stops when it is revoked", async () => {
  const made = await world.ratchet([
    "key",
    "create",
    "--name",
    "shop",
    "--scopes",
    "read",
    "--loop",
    "demo",
    "--expires",
    "30 days",
  ]);
  const key = made.out.split("\n")[0]!;
  assert.match(key, /^rk_/);
  const [status, pulse, listed] = await Promise.all([
    world.ratchet(["status"], { key }),
    world.ratchet(["pulse", ...because], { key }),
    world.ratchet(["key", "list"]),
  ]);
  assert.equal(status.code, 0);
  assert.equal(pulse.code, 1);
  assert.match(pulse.err, /needs a key with the scope operate/);
  assert.match(listed.out, /demo +read +until \d{4}-\d\d-\d\d +shop$/m);
  const secret = key.split("_").slice(2).join("_");
  assert.ok(!listed.out.includes(secret));
  assert.equal((await world.ratchet(["key", "revoke", key, ...because])).code, 0);
  const refused = await world.ratchet(["status"], { key });
  assert.equal(refused.code, 1);
  assert.match(refused.err, /revoked/);
});

test("the audit chain verifies until somebody tampers with it", async () => {
  assert.match((await world.ratchet(["audit", "verify"])).out, /^The audit chain of demo is whole: \d+ entries\.$/m);
  await world.api.database.query("update audit set reason = 'another' where loop = 'demo' and sequence = 2");
  const broken = await world.ratchet(["audit", "verify", "--json"]);
  assert.equal(broken.code, 1);
  assert.equal(JSON.parse(broken.out).broken.sequence, 2);
  assert.equal(broken.err, "");
});

test("doctor finds everything in order, and names what is not; migrate finds nothing to do", async () => {
  const env = { DATABASE_URL: world.api.database.url, RATCHET_SANDBOX_URL: world.api.sandbox.baseURL };
  const [well, ill, migrated] = await Promise.all([
    world.ratchet(["doctor", "--json"], { env }),
    world.ratchet(["doctor"], { key: "rk_none_0123456789abcdef", env: { ...env, TEMPORAL_ADDRESS: "127.0.0.1:1" } }),
    world.ratchet(["migrate"], { env }),
  ]);
  assert.deepEqual([well.code, JSON.parse(well.out).ok], [0, true], well.out);
  const states = new Map(
    JSON.parse(well.out).checks.map((check: { name: string; state: string }) => [check.name, check.state]),
  );
  assert.deepEqual(
    [states.get("database"), states.get("key"), states.get("readiness"), states.get("provider sandbox")],
    ["good", "good", "good", "good"],
  );
  assert.equal(ill.code, 1);
  assert.match(ill.out, /✗ Temporal: nobody listens at 127\.0\.0\.1:1 \(ECONNREFUSED\)/);
  assert.match(ill.out, /✗ key: there is no such key\n {4}→ /);
  assert.equal(migrated.out, "The database is up to date.\n");
});

test("doctor misses a schedule, and resuming a loop says when its schedule stays paused", async () => {
  const env = { DATABASE_URL: world.api.database.url, RATCHET_SANDBOX_URL: world.api.sandbox.baseURL };
  const usual = world.api.schedule;
  try {
    world.api.schedule = { at: null, paused: null };
    assert.match(
      (await world.ratchet(["doctor"], { env })).out,
      /✗ schedules: loop demo: not there\n {4}→ .*ratchet pulse/,
    );
    world.api.schedule = { at: null, paused: "the provider moves" };
    const [doctor, resumed] = await Promise.all([
      world.ratchet(["doctor"], { env }),
      world.ratchet(["loop", "resume", ...because]),
    ]);
    assert.match(doctor.out, /✗ schedules: loop demo: paused in Temporal/);
    assert.match(resumed.out, /Its schedule is paused in Temporal \(the provider moves\): unpause it there/);
  } finally {
    world.api.schedule = usual;
  }
});

test("with two loops a command asks which one is meant", async () => {
  await world.api.loop({ name: "other" });
  const { code, err } = await world.ratchet(["pulse", ...because]);
  assert.equal(code, 2);
  assert.match(err, /there are 2 loops: demo, other\n→ name one, as --loop demo/);
  assert.equal((await world.ratchet(["pulse", "--loop", "other", ...because])).code, 0);
  assert.ok(world.api.told.includes("pulseNow other"));
});

// The champion against itself, as an operator meets it: begun by hand, shown, never approved, and counted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addLook } from "../../src/store/experiment/looks.ts";
import { sendRatings } from "../api/send-ratings.ts";
import { addCandidate } from "../store/loop-fixture.ts";
import { type CliWorld, openCliWorld } from "./cli-world.ts";

let world: CliWorld;
before(async () => {
  world = await openCliWorld();
  await world.api.loop({ name: "shop" });
});
after(() => world.close());

test("before any there is nothing to say, and it says how to begin", async () => {
  const { out, code } = await world.ratchet(["experiment", "calibration"]);
  assert.equal(code, 0);
  assert.match(out, /^A\/A experiments +no experiment of the champion with itself is over yet$/m);
  assert.match(out, /^now +none is under way: ratchet experiment start --aa begins one,$/m);
});

test("a model or --aa, and not both", async () => {
  for (const wrong of [[], ["sandbox-base", "--aa"]]) {
    const { code, err } = await world.ratchet(["experiment", "start", ...wrong, "--reason", "a test"]);
    assert.notEqual(code, 0);
    assert.match(err, /name a model to try, or give --aa, and not both/);
  }
  for (const body of [{ reason: "a test" }, { reason: "a test", model: "x", aa: true }]) {
    const { status, json } = await world.api.ask("POST", "/api/loops/shop/experiments", { body });
    assert.equal(status, 400);
    assert.match(JSON.stringify(json), /give \\"model\\", or \\"aa\\": true/);
  }
});

test("it is begun once, cannot be approved, and its twin is no model to try", async () => {
  const begun = await world.ratchet(["experiment", "start", "--aa", "--reason", "calibrate"]);
  assert.equal(begun.code, 0, begun.err);
  assert.match(begun.out, /^Started experiment \S+: the champion under another name answers 10\.0 % of the users\./);
  const again = await world.ratchet(["experiment", "start", "--aa", "--reason", "once more"]);
  assert.match(again.err, /experiment\/\S+ is running since/);
  const { out } = await world.ratchet(["experiment", "show"]);
  assert.match(out, /^challenger +sandbox-base-twin, given 10\.0 % of users$/m);
  assert.match(out, /^compares +the champion with itself \(A\/A\): nothing can be promoted$/m);
  assert.match(
    (await world.ratchet(["status"])).out,
    /running, the champion with itself \(A\/A\): sandbox-base-twin with/,
  );
  const approved = await world.ratchet(["experiment", "approve", "--override", "--reason", "why not"]);
  assert.equal(approved.code, 1);
  assert.match(approved.err, /compares the champion with itself \(A\/A\): there is nothing to promote/);
  assert.match((await world.ratchet(["experiment", "calibration"])).out, /^now +experiment \S+ is under way$/m);
  const stopped = await world.ratchet(["experiment", "stop", "--reason", "enough"]);
  assert.equal(stopped.code, 0, stopped.err);
  const twin = await world.ratchet(["experiment", "start", "sandbox-base-twin", "--reason", "a test"]);
  assert.equal(twin.code, 1);
  assert.match(twin.err, /sandbox-base-twin is another name of the champion/);
});

test("another experiment takes its place", async () => {
  await world.ratchet(["experiment", "start", "--aa", "--reason", "calibrate"]);
  const { id } = JSON.parse((await world.ratchet(["experiment", "show", "--json"])).out);
  const { name } = await world.api.database.db.withLoop("shop", (tx) => addCandidate(tx, "shop", "shop-v1"));
  const begun = await world.ratchet(["experiment", "start", name, "--reason", "better, we hope"]);
  assert.equal(begun.code, 0, begun.err);
  const aside = JSON.parse((await world.ratchet(["experiment", "show", id, "--json"])).out);
  assert.deepEqual([aside.status, aside.outcome], ["closed", "stopped"]);
  assert.match(aside.outcome_reason, /makes room: better, we hope$/);
  const listed = await world.ratchet(["experiment", "list"]);
  const rows = listed.out.trim().split("\n").slice(1);
  assert.deepEqual(
    rows.map((row) => row.trim().split(/ +/).slice(1, 3).join(" ")),
    ["running shop-v1", "stopped sandbox-base-twin", "stopped sandbox-base-twin"],
    listed.out,
  );
  const { json } = await world.api.ask("GET", "/api/loops/shop/calibration");
  assert.deepEqual([json.ended, json.decided, json.cut_short, json.running, json.standing], [2, 0, 2, null, false]);
});

test("where experiments are switched off, none begins", async () => {
  await world.api.loop({ name: "off", experiment: { enabled: false } });
  const { code, err } = await world.ratchet(["experiment", "start", "--aa", "--reason", "a test", "--loop", "off"]);
  assert.equal(code, 1);
  assert.match(err, /experiments are switched off in the settings of loop "off"/);
});

test("a promotion past the evidence is marked wherever the experiment is shown", async () => {
  const { name } = await world.api.database.db.withLoop("off", (tx) => addCandidate(tx, "off", "off-v1"));
  await world.api.loop({ name: "off", experiment: { enabled: true } });
  const on = ["--loop", "off"];
  const begun = await world.ratchet(["experiment", "start", name, "--reason", "a test", ...on]);
  assert.equal(begun.code, 0, begun.err);
  const { id } = JSON.parse((await world.ratchet(["experiment", "show", "--json", ...on])).out);
  await world.api.database.db.withLoop("off", async (tx) => {
    const verdict = { kind: "hold", reason: "hold: too early", numbers: {}, checks: [] };
    const at = new Date(world.api.now);
    await addLook(tx, "off", id, { number: 1, phase: "experiment", at, tallies: [], verdict, ramp: null });
  });
  const boss = ["--override", "--reason", "the boss says so"];
  const promoted = await world.ratchet(["experiment", "approve", id, ...boss, ...on]);
  assert.equal(promoted.code, 0, promoted.err);
  assert.match(promoted.out, /^Promoted: .* It is marked for good: NOT SUPPORTED BY THE EVIDENCE\./);
  assert.match((await world.ratchet(["experiment", "show", id, ...on])).out, /^mark +NOT SUPPORTED BY THE EVIDENCE/m);
  assert.match((await world.ratchet(["experiment", "list", ...on])).out, / probation, not supported +off-v1 /);
});

test("one that is asked for and does not begin says what it waits for", async () => {
  await world.api.loop({ name: "idle", experiment: { aa: true } });
  const now = async () => {
    const { out } = await world.ratchet(["experiment", "calibration", "idle"]);
    return out.replace(/\n {2,}/g, " ");
  };
  assert.match(
    await now(),
    /^now +none is under way, and none begins by itself: it waits for ratings: there was none in the last 7 days$/m,
  );
  await world.ratchet(["loop", "pause", "--reason", "a test", "--loop", "idle"]);
  assert.match(await now(), /it waits for the loop to be resumed/);
  await world.ratchet(["loop", "resume", "--reason", "a test", "--loop", "idle"]);
  await sendRatings(world.api, "idle", { users: 3, each: 1, days: 1 });
  assert.match(await now(), /^now +the next pulse that has nothing else to do begins one$/m);
});

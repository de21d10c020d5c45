// ratchet experiment recount, as an operator runs it: on an experiment whose tallies are right, wrong, and of one that is over.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { smallCrowd } from "../store/experiment/small-crowd.ts";
import { startExperiment } from "../store/loop-fixture.ts";
import { type CliWorld, openCliWorld } from "./cli-world.ts";

let world: CliWorld;
let id: string;
before(async () => {
  world = await openCliWorld();
  await world.api.loop({ name: "shop" });
  const { db } = world.api.database;
  ({ id } = await startExperiment(db, "shop", "candidate"));
  await smallCrowd(db, "shop", id);
});
after(() => world.close());

const recount = (...args: string[]) => world.ratchet(["experiment", "recount", ...args]);
const because = ["--reason", "a test"];
const spoil = () =>
  world.api.database.query(
    "update variant_tally set users = users - 2 where experiment_id = $1 and metric = 'approval' and variant = 'challenger'",
    [id],
  );

test("tallies that are right are found right, and a recount says that nothing changed", async () => {
  const [checked, done] = [await recount("--check"), await recount(...because)];
  assert.deepEqual(checked, {
    code: 0,
    out: "Nothing is wrong: 8 tallies are what was said and rated.\n",
    err: "",
  });
  assert.deepEqual(done, { code: 0, out: "Nothing changed: 8 tallies are as they were.\n", err: "" });
});

test("a check says what is wrong, changes nothing and exits with 1; a recount puts it right", async () => {
  await spoil();
  for (const _ of [1, 2]) {
    const { code, out, err } = await recount("--check");
    assert.deepEqual([code, err], [1, ""]);
    assert.match(
      out,
      /^1 of 8 tallies are wrong:\n {2}approval, challenger, stratum 0: 1 are kept where there are 3 users\n/,
    );
  }
  const json = await recount("--check", "--json");
  assert.equal(json.code, 1);
  assert.equal(JSON.parse(json.out).replaced, false);
  const done = await recount(...because);
  assert.deepEqual([done.code, done.err], [0, ""]);
  assert.match(
    done.out,
    /^1 of 8 tallies were wrong:\n {2}approval, challenger, stratum 0: 3 users instead of 1\nLooks /,
  );
  assert.equal((await recount("--check")).code, 0);
  assert.match((await world.ratchet(["audit", "verify"])).out, /^The audit chain of shop is whole/);
});

test("in JSON a recount names each wrong tally, as it was kept and as it is", async () => {
  await spoil();
  const answer = JSON.parse((await recount(id, "--json", ...because)).out);
  const { wrong, ...rest } = answer;
  assert.deepEqual(rest, { id, status: "running", tallies: 8, wrong_units: 0, replaced: true });
  assert.equal(wrong.length, 1);
  assert.deepEqual([wrong[0].kept.users, wrong[0].counted.users], [1, 3]);
});

test("whoever may only read may check, and not recount", async () => {
  const key = await world.api.key(["read"]);
  assert.equal((await world.ratchet(["experiment", "recount", "--check"], { key })).code, 0);
  const refused = await world.ratchet(["experiment", "recount", ...because], { key });
  assert.equal(refused.code, 1);
  assert.match(refused.err, /needs a key with the scope operate/);
});

test("without a reason nothing is counted, and a check needs none", async () => {
  const [without, both] = [await recount(), await recount("--check", ...because)];
  assert.deepEqual([without.code, both.code], [2, 2]);
  assert.match(without.err, /'--reason <text>' not specified, which only --check can do without/);
  assert.match(both.err, /'--check' cannot be used with option '--reason <text>'/);
});

test("an experiment that is over is counted afresh without being named, and keeps its looks", async () => {
  assert.equal((await world.ratchet(["experiment", "stop", ...because])).code, 0);
  await spoil();
  const { code, out } = await recount(...because);
  assert.equal(code, 0);
  assert.match(out, /3 users instead of 1\nThe experiment is over: its looks and its outcome stay as they were\.\n$/);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sendRatings } from "../api/send-ratings.ts";
import { type CliWorld, openCliWorld } from "./cli-world.ts";

let world: CliWorld;
before(async () => {
  world = await openCliWorld();
  await world.api.loop({ name: "shop" });
  await sendRatings(world.api, "shop", { users: 150, each: 4, days: 10 });
});
after(() => world.close());

test("the plan is told in words, for the loop that is named or the only one", async () => {
  const named = await world.ratchet(["experiment", "plan", "shop"]);
  assert.equal(named.code, 0, named.err);
  assert.match(named.out, /^Loop shop: the traffic cannot decide in time\n/);
  assert.match(named.out, /^traffic +about 60 ratings a day from /m);
  assert.match(named.out, /^in 48 hours +at 10 %, the ratings are too few to judge by/m);
  assert.match(named.out, /^for \+5 % +at 10 %, about /m);
  assert.match(
    named.out.replace(/\n {2,}/g, " "),
    /^with a ramp +with 10 %, 25 % from 12 hours, 50 % from 24 hours, about \d+ days,/m,
  );
  assert.match(named.out, /^no worse: error +at 10 %, about /m);
  assert.match(named.out, /^warning +48 hours at 10 % cannot decide/m);
  assert.equal((await world.ratchet(["experiment", "plan"])).out, named.out);
});

test("share, least lift and days are options, and JSON has the numbers", async () => {
  const options = ["--share", "0.4", "--min-lift", "0.2", "--days", "30"];
  const { out } = await world.ratchet(["experiment", "plan", ...options]);
  assert.match(
    out,
    /^Loop shop: the traffic can decide in time; 30 days are longer than an experiment lasts \(maxDuration: 14 days\)\n/,
  );
  assert.match(out, /^for \+20 % +at 40 %, about /m);
  const { code, out: json } = await world.ratchet(["experiment", "plan", "shop", "--json", ...options]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(json).fixed.phases[0].share, 0.4);
});

test("a loop that goes by quality is told what its answers can show of that", async () => {
  await world.api.loop({ name: "judged", experiment: { primary: "quality" } });
  await sendRatings(world.api, "judged", { users: 150, each: 4, days: 10, send: ["quality"] });
  const { code, out, err } = await world.ratchet(["experiment", "plan", "judged", "--share", "0.5", "--days", "7"]);
  assert.equal(code, 0, err);
  assert.match(out, /^traffic +about 60 answers with a quality a day from /m);
  assert.match(
    out.replace(/\n {2,}/g, " "),
    /^in 7 days +at 50 %, a true lift of \+\d.*? \(from 0\.7 to 0\.7\d*\) is shown/m,
  );
  assert.doesNotMatch(out, /thumb|approval/);
});

test("what cannot be is refused before anything is asked", async () => {
  for (const wrong of [
    ["--share", "10"],
    ["--min-lift", "5%"],
    ["--days", "0"],
  ]) {
    const { code, err } = await world.ratchet(["experiment", "plan", "shop", ...wrong]);
    assert.equal(code, 2, wrong.join(" "));
    assert.match(err, /give a /);
  }
  assert.equal((await world.ratchet(["experiment", "plan", "nobody"])).code, 3);
});

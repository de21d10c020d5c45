import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addCandidate } from "../store/loop-fixture.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";
import { sendRatings } from "./send-ratings.ts";

let world: ApiWorld;
before(async () => {
  world = await openApiWorld();
  await world.loop({ name: "shop" });
  await world.loop({ name: "empty", experiment: { share: 0.2, minDuration: "3 days" } });
  await sendRatings(world, "shop", { users: 150, each: 4, days: 10 });
});
after(() => world.close());

const plan = async (loop: string, query = "") => (await world.ask("GET", `/api/loops/${loop}/plan${query}`)).json;

test("a plan comes from the loop's own ratings", async () => {
  const found = await plan("shop");
  assert.equal(found.loop, "shop");
  assert.ok(Math.abs(found.traffic.days - 10) < 0.1, `${found.traffic.days}`);
  assert.deepEqual([found.traffic.interactions, Math.round(found.traffic.ratings_per_day)], [600, 60]);
  assert.ok(Math.abs(found.approval - 0.8) < 0.02, `${found.approval}`);
  assert.deepEqual(found.assumed, []);
  assert.deepEqual([found.own, found.decides, found.power, found.alpha], ["fixed", false, 0.8, 0.05]);
  assert.ok(found.fixed.days > found.ramp.days && found.days_saved === found.fixed.days - found.ramp.days);
  assert.deepEqual(
    found.ramp.phases.map((phase: { share: number; from_hours: number }) => [phase.share, phase.from_hours]),
    [
      [0.1, 0],
      [0.25, 12],
      [0.5, 24],
    ],
  );
  const none = { finished: 0, promoted: 0, overridden: 0, rolled_back: 0, expected_at_most: 0 };
  assert.deepEqual(found.false_promotions, none);
  const [error] = found.guardrails;
  assert.deepEqual([error.metric, error.margin, error.value, error.unmeasured], ["error", 0.02, 0, null]);
  assert.ok(error.days > 0 && error.answers > 40, JSON.stringify(error));
  assert.match(
    found.lines.find(({ about }: { about: string }) => about === "no worse: error").words,
    /^at 10 %, about /,
  );
  assert.match(found.lines[0].words, /^about 60 ratings a day from /);
  assert.match(found.warnings[0], /^48 hours at 10 % cannot decide/);
});

test("share, least lift and days of the question take the settings' place, and change nothing", async () => {
  const found = await plan("shop", "?share=0.4&min_lift=0.2&days=30");
  assert.deepEqual([found.fixed.phases[0].share, found.min_lift, found.within_days], [0.4, 0.2, 30]);
  assert.equal(found.decides, true);
  assert.ok(found.fixed.smallest_lift < 0.2 && found.fixed.days <= 30);
  assert.deepEqual((await plan("shop")).fixed.phases, [{ share: 0.1, from_hours: 0 }]);
});

test("a loop without traffic gets typical numbers, marked, and what is missing", async () => {
  const found = await plan("empty");
  assert.deepEqual(found.assumed, ["traffic", "approval", "correlation"]);
  assert.deepEqual([found.within_days, found.fixed.phases[0].share], [3, 0.2]);
  assert.deepEqual([found.fixed.days, found.fixed.smallest_lift, found.days_saved], [null, null, null]);
  assert.ok(found.fixed.ratings > 10_000);
  assert.match(found.warnings.join("\n"), /no traffic yet[\s\S]*no ratings/);
});

test("while an experiment runs, the plan goes by what it has frozen, and names it", async () => {
  await world.loop({ name: "busy", experiment: { share: 0.2, minLift: 0.1 } });
  const { name } = await world.database.db.withLoop("busy", (tx) => addCandidate(tx, "busy", "busy-v1"));
  const begun = await world.ask("POST", "/api/loops/busy/experiments", { body: { model: name, reason: "a test" } });
  await world.loop({ name: "busy", experiment: { share: 0.3, minLift: 0.02 } });
  const found = await plan("busy");
  assert.deepEqual([found.experiment, found.fixed.phases[0].share, found.min_lift], [begun.json.id, 0.2, 0.1]);
  assert.equal(found.phi, begun.json.parameters.phi);
  await world.ask("POST", `/api/experiments/${begun.json.id}/stop`, { body: { reason: "a test" } });
  const after = await plan("busy");
  assert.deepEqual([after.experiment, after.fixed.phases[0].share, after.min_lift], [null, 0.3, 0.02]);
  assert.deepEqual(after.false_promotions, {
    finished: 1,
    promoted: 0,
    overridden: 0,
    rolled_back: 0,
    expected_at_most: 0.05,
  });
});

test("a loop that goes by a named metric, or by quality, is planned by that, in its own unit", async () => {
  const metrics = [{ name: "effort", better: "lower", margin: 0.5 }];
  await world.loop({ name: "toil", experiment: { primary: "effort", metrics } });
  assert.deepEqual([(await plan("toil")).unmeasured, (await plan("toil")).value], ["no_ratings", null]);
  await sendRatings(world, "toil", { users: 150, each: 4, days: 10, send: ["effort"] });
  const toil = await plan("toil", "?days=7&share=0.5");
  assert.deepEqual(
    [toil.metric, toil.better, toil.unmeasured, toil.approval],
    ["feedback:effort", "lower", null, null],
  );
  assert.ok(Math.abs(toil.value - 3) < 0.05, `${toil.value}`);
  assert.ok(Math.abs(toil.fixed.smallest_difference - toil.fixed.smallest_lift * toil.value) < 1e-9);
  assert.match(
    toil.lines[0].words,
    /^about 60 values of "effort" a day from .*, 100 % of the answers, 3 on average, where lower/,
  );
  await world.loop({ name: "judged", experiment: { primary: "quality" } });
  await sendRatings(world, "judged", { users: 150, each: 4, days: 10, send: ["quality"], variant: null });
  const judged = await plan("judged", "?days=7&share=0.5");
  assert.deepEqual([judged.metric, judged.better, judged.unmeasured], ["quality", "higher", null]);
  assert.ok(Math.abs(judged.value - 0.7) < 0.01 && judged.fixed.smallest_lift > 0, `${judged.value}`);
  const warnings = judged.warnings.join("\n");
  assert.match(
    warnings,
    /^100 % of the qualities are on answers that the application recorded without saying which model answered/m,
  );
  assert.match(
    warnings,
    /^the champion has fewer than 100 answers with a quality by now: .* tuned for a typical 0\.8$/m,
  );
  assert.ok(Math.abs(judged.phi - 0.06) < 1e-9, "as an experiment begun now would freeze it");
});

test("a question out of range is refused with its name, and a loop that is not there is not found", async () => {
  for (const [query, name] of [
    ["?share=1", "share"],
    ["?share=ten", "share"],
    ["?min_lift=0", "min_lift"],
    ["?days=-1", "days"],
  ] as const) {
    const answer = await world.ask("GET", `/api/loops/shop/plan${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(answer.json.detail, new RegExp(name));
  }
  assert.equal((await world.ask("GET", "/api/loops/nobody/plan")).status, 404);
});

test("the answer is what the OpenAPI document says", () => {
  const operation = world.openapi().paths["/api/loops/{loop}/plan"]!.get as unknown as {
    parameters: { name: string }[];
    responses: { 200: { content: { "application/json": { schema: { properties: object } } } } };
  };
  assert.deepEqual(operation.parameters.map(({ name }) => name).sort(), ["days", "loop", "min_lift", "share"]);
  const { properties } = operation.responses[200].content["application/json"].schema;
  for (const name of ["lines", "warnings", "fixed", "ramp", "days_saved", "false_promotions"])
    assert.ok(name in properties, name);
});

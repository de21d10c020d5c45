import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { hashPoints } from "../../src/evidence/assignment.ts";
import { addLook } from "../../src/store/experiment/looks.ts";
import { addModel } from "../../src/store/models.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

let world: ApiWorld;
let loop = "";
let made = 0;

before(async () => {
  world = await openApiWorld();
});
beforeEach(async () => {
  loop = `loop-${++made}`;
  await world.loop({ name: loop });
  world.temporal = true;
  world.told.length = 0;
});
after(() => world.close());

const get = (path: string) => world.ask("GET", `/api/loops/${loop}${path}`);
const post = (path: string, body: unknown = { reason: "a test" }) => world.ask("POST", path, { body });
const command = (path: string, body?: unknown) => post(`/api/loops/${loop}${path}`, body);

async function addCandidate(name: string): Promise<string> {
  const id = newId();
  const provider = { provider: "sandbox" as const, baseURL: null, model: name };
  await world.database.db.withLoop(loop, (tx) =>
    addModel(tx, {
      id,
      loop,
      name,
      kind: "fine-tuned",
      role: "candidate",
      provider,
      examples: null,
      trainingRunId: null,
      at: new Date(world.now),
    }),
  );
  return id;
}
async function startExperiment(): Promise<string> {
  await addCandidate("v1");
  return (await command("/experiments", { model: "v1", reason: "a test" })).json.id;
}
const look = (experimentId: string, kind: string) =>
  world.database.db.withLoop(loop, (tx) =>
    addLook(tx, loop, experimentId, {
      number: 1,
      phase: "experiment",
      at: new Date(world.now),
      tallies: [],
      verdict: { kind, reason: `${kind}: a test` },
    }),
  );

test("every command needs a reason, and says so", async () => {
  for (const path of ["/pause", "/resume", "/rollback", "/cycles"])
    for (const body of [{}, { reason: "  " }]) {
      const answer = await command(path, body);
      assert.equal(answer.status, 400, path);
      assert.match(answer.json.detail, /"reason" is (missing|empty)/);
    }
  const without = await world.ask("POST", `/api/loops/${loop}/pause`);
  assert.equal(without.status, 400);
  assert.match(without.json.detail, /no body/);
  assert.deepEqual(world.told, []);
});

test("a cycle is on record before its workflow is started, on all feedback until now", async () => {
  await world.ask("POST", `/api/feedback?loop=${loop}`, { body: { interaction_id: "a", value: 1 } });
  const started = await command("/cycles");
  assert.equal(started.status, 202);
  assert.deepEqual(
    [started.json.told, started.json.stage, started.json.pulse, started.json.watermark],
    [true, "generate", null, 1],
  );
  assert.deepEqual(world.told, [`startCycle ${loop} ${started.json.id}`]);
  assert.match(started.json.started_by, /^key:[a-z0-9]+ \(admin\)$/);
  const [row] = await world.database.query("select pulse from feedback where loop = $1", [loop]);
  assert.equal(Number(row?.pulse), 1);
});

test("a second cycle is 409 with who holds the slot, and leaves nothing behind", async () => {
  const first = await command("/cycles");
  const second = await command("/cycles");
  assert.equal(second.status, 409);
  assert.equal(second.json.holder, `cycle/${first.json.id}`);
  assert.equal((await get("/cycles")).json.data.length, 1);
  const experiment = await command("/experiments", { model: "sandbox-base", reason: "a test" });
  assert.deepEqual([experiment.status, experiment.json.holder], [409, `cycle/${first.json.id}`]);
  const pulses = await world.database.query("select number from pulse where loop = $1", [loop]);
  assert.equal(pulses.length, 1);
});

test("when Temporal is down commands are kept and say that nobody was told", async () => {
  world.temporal = false;
  const started = await command("/cycles");
  assert.deepEqual([started.status, started.json.told], [202, false]);
  assert.ok(
    world.logged.some(
      (line) => line.event === "workflow_not_told" && line.level === 40 && line.command === "cycle.start",
    ),
  );
  assert.equal((await get(`/cycles/${started.json.id}`)).json.outcome, null);
  assert.equal((await command("/pause")).status, 200);
  assert.notEqual((await get("")).json.paused_at, null);
  const pulse = await command("/pulse");
  assert.deepEqual([pulse.status, pulse.json.code], [503, "unavailable"]);
  const status = await get("/status");
  assert.deepEqual([status.json.next_pulse, status.json.temporal], [null, "unavailable"]);
  const ready = await world.ask("GET", "/readyz", { key: null });
  assert.deepEqual([ready.status, ready.json.status, ready.json.missing], [200, "degraded", ["temporal"]]);
});

test("a cycle is cancelled once; who comes second hears who, when and what", async () => {
  const { id } = (await command("/cycles")).json;
  const cancelled = await post(`/api/cycles/${id}/cancel`, { reason: "wrong settings" });
  assert.deepEqual(
    [cancelled.status, cancelled.json.outcome, cancelled.json.outcome_reason],
    [200, "cancelled", "wrong settings"],
  );
  assert.equal(world.told.at(-1), `cancelCycle ${id}`);
  const again = await post(`/api/cycles/${id}/cancel`);
  assert.equal(again.status, 409);
  assert.match(again.json.who, /^key:/);
  assert.deepEqual([again.json.what, again.json.when], ["cancelled", cancelled.json.ended_at]);
  assert.equal((await command("/cycles")).status, 202);
  assert.equal((await post(`/api/cycles/${newId()}/cancel`)).status, 404);
});

test("an operator tries any model against the champion, and rejects it", async () => {
  const id = await startExperiment();
  assert.equal(world.told.at(-1), `startExperiment ${loop} ${id}`);
  const routing = (await get("/routing")).json;
  assert.equal(routing.experiment.id, id);
  const busy = await command("/experiments", { model: "sandbox-base", reason: "a test" });
  assert.deepEqual([busy.status, busy.json.holder], [409, `experiment/${id}`]);
  const rejected = await post(`/api/experiments/${id}/reject`, { reason: "it is rude" });
  assert.deepEqual([rejected.status, rejected.json.outcome, rejected.json.told], [200, "rejected", true]);
  assert.equal(world.told.at(-1), `tellExperiment ${id}`);
  assert.equal((await get("/routing")).json.experiment, null);
  const late = await post(`/api/experiments/${id}/approve`);
  assert.equal(late.status, 409);
  assert.deepEqual([late.json.what, late.json.when], ["rejected", rejected.json.closed_at]);
  assert.match(late.json.who, /^key:/);
});

test("extending, pausing and resuming change the row; a duration that does not parse changes nothing", async () => {
  const id = await startExperiment();
  const before = (await get(`/experiments/${id}`)).json;
  const wrong = await post(`/api/experiments/${id}/extend`, { reason: "a test", by: "soon" });
  assert.deepEqual([wrong.status, /is not a duration/.test(wrong.json.detail)], [400, true]);
  assert.equal((await get(`/experiments/${id}`)).json.ends_at, before.ends_at);
  const extended = await post(`/api/experiments/${id}/extend`, { reason: "a test", by: "2 days" });
  assert.equal(Date.parse(extended.json.ends_at) - Date.parse(before.ends_at), 2 * 86_400_000);
  assert.notEqual((await post(`/api/experiments/${id}/pause`)).json.paused_at, null);
  assert.equal((await post(`/api/experiments/${id}/resume`)).json.paused_at, null);
});

test("tallies are compared without changing anything, and counted afresh for a reason, which is on record", async () => {
  const id = await startExperiment();
  world.told.length = 0;
  const path = `/api/experiments/${id}/recount`;
  const right = { id, status: "running", tallies: 0, wrong: [], wrong_units: 0, replaced: false };
  const compared = await world.ask("GET", path);
  assert.deepEqual([compared.status, compared.json], [200, right]);
  assert.equal((await post(path, {})).status, 400);
  const newest = async () => (await get("/audit?limit=1")).json.data[0];
  assert.equal((await newest()).action, "experiment.start");
  const counted = await post(path, { reason: "after the restore" });
  assert.deepEqual([counted.status, counted.json], [200, right]);
  const { action, subject, reason, payload } = await newest();
  assert.deepEqual([action, subject, reason], ["experiment.recount", `experiment/${id}`, "after the restore"]);
  assert.deepEqual(payload, { tallies: 0, wrong: [], wrongUnits: 0 });
  assert.deepEqual(world.told, [], "its workflow has nothing to do");
});

test("approving needs the evidence or an override, and a rollback brings the former champion back", async () => {
  const id = await startExperiment();
  assert.equal((await post(`/api/experiments/${id}/approve`)).status, 409);
  await look(id, "hold");
  const refused = await post(`/api/experiments/${id}/approve`);
  assert.deepEqual([refused.status, refused.json.verdict], [409, "hold"]);
  const approved = await post(`/api/experiments/${id}/approve`, { reason: "I know better", override: true });
  assert.deepEqual([approved.status, approved.json.status], [200, "probation"]);
  assert.equal((await get("/routing")).json.champion.name, "v1");
  const twice = await post(`/api/experiments/${id}/stop`);
  assert.deepEqual([twice.status, twice.json.status, twice.json.experiment], [409, 409, "probation"]);
  const back = await command("/rollback", { reason: "it was not" });
  assert.deepEqual(
    [back.status, back.json.champion.name, back.json.experiment_id, back.json.told],
    [200, "sandbox-base", id, true],
  );
  assert.equal(world.told.at(-1), `tellExperiment ${id}`);
  const promotions = (await get("/promotions")).json.data;
  assert.deepEqual(
    promotions.map((row: { kind: string }) => row.kind),
    ["rollback", "promotion", "first"],
  );
  assert.equal(promotions[1].supported, false);
  assert.equal((await command("/rollback")).status, 409);
  const verified = (await get("/audit/verify")).json;
  assert.equal(verified.broken, null);
});

test("an experiment shows its looks and last verdict, and the status shows the same", async () => {
  const id = await startExperiment();
  await look(id, "hold");
  const shown = (await get(`/experiments/${id}`)).json;
  assert.equal(shown.looks.length, 1);
  assert.deepEqual(shown.last_verdict, { kind: "hold", reason: "hold: a test" });
  const status = (await get("/status")).json;
  assert.equal(status.experiment.id, id);
  assert.equal(status.experiment.share, 0.1);
  assert.equal(status.experiment.last_look.reason, "hold: a test");
  assert.equal(status.challenger.name, "v1");
  assert.equal(status.slot.holder, `experiment/${id}`);
});

test("during a ramp the share is the present one, with the phases that lead to the final one", async () => {
  const ramp = [{ share: 0.1 }, { share: 0.25, from: "12 hours" }, { share: 0.5, from: "24 hours" }];
  await world.loop({ name: loop, experiment: { ramp } });
  const id = await startExperiment();
  const shares = async () => {
    const { share, final_share, phases } = (await get(`/experiments/${id}`)).json;
    const status = (await get("/status")).json.experiment;
    assert.deepEqual([status.share, status.final_share, status.phases], [share, final_share, phases]);
    return { share, final_share, open: phases.map((phase: { open: boolean }) => phase.open) };
  };
  assert.deepEqual(await shares(), { share: 0.1, final_share: 0.5, open: [true, false, false] });
  await world.database.query("update experiment set phases_open = 2 where id = $1", [id]);
  assert.deepEqual(await shares(), { share: 0.25, final_share: 0.5, open: [true, true, false] });
  const { started_at: started, phases } = (await get(`/experiments/${id}`)).json;
  assert.deepEqual(
    phases.map(({ from }: { from: string }) => (Date.parse(from) - Date.parse(started)) / 3_600_000),
    [0, 12, 24],
  );
});

test("a test account is named in the routing by its points, never by its id", async () => {
  const testAccounts = [{ user_id: "ada@example.org", variant: "challenger" }];
  await world.loop({ name: loop, experiment: { testAccounts } });
  const id = await startExperiment();
  const routing = await get("/routing");
  assert.deepEqual(routing.json.experiment.test_accounts, [
    { ...hashPoints(id, "user:ada@example.org"), variant: "challenger" },
  ]);
  for (const path of ["/routing", `/experiments/${id}`, "/status"])
    assert.doesNotMatch((await get(path)).text, /ada@example/, path);
});

test("the status of a new loop says what there is", async () => {
  const status = (await get("/status")).json;
  assert.deepEqual(status.usage, { total: 0, feedback_rate: 0, average_quality: null, errors: 0 });
  assert.deepEqual(
    [status.total_retrains, status.cycle, status.experiment, status.last_pulse, status.challenger],
    [0, null, null, null, null],
  );
  assert.equal(status.champion.name, "sandbox-base");
  assert.equal(status.next_pulse, "2030-01-01T00:00:00.000Z");
  assert.deepEqual(status.alerts, []);
});

test("pausing, resuming and asking for a pulse make sure that there is a schedule, with the note that fits", async () => {
  await command("/pause");
  await command("/resume");
  assert.equal((await world.ask("POST", `/api/loops/${loop}/pulse`)).status, 202);
  const ensured = `ensurePulse ${loop} 30 minutes`;
  assert.deepEqual(world.told, [`${ensured}, paused`, ensured, ensured, `pulseNow ${loop}`]);
});

// Pulses, and cycles in every way they can end or be found under way, in skipped time.
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import { createCycle } from "../../src/store/cycles.ts";
import type { World } from "../support/world.ts";
import { loopLife, QUICK, until } from "../workflows/loop-life.ts";
import type { Keep } from "./record.ts";

const WHO = { actor: "ada", reason: "a recording" };
export const WIRE = { ...QUICK, training: { trainer: "openai-wire" } };
const ALONE = { ...QUICK, training: { trainer: "openai-wire", fallback: null } };

export async function recordCycles(world: World, keep: Keep): Promise<void> {
  const life = loopLife(world);
  const { db } = world.database;
  const end = (id: string) => life.cycleResult(id).catch(() => {});

  async function cycle(name: string, settings: Record<string, unknown>, faults: FaultInput[] = []) {
    await world.applyLoop({ name, ...settings });
    await life.withFaults(faults, async () => {
      const id = await life.duePulse(name);
      await end(id);
      await keep(`cycle-${name}`, `cycle/${id}`);
    });
  }

  await world.applyLoop({ name: "pulses", ...QUICK });
  await life.pulse("pulses");
  await keep("pulse-not-due", "pulse/pulses");
  await life.duePulse("pulses");
  await keep("pulse-due", "pulse/pulses");

  await cycle("to-experiment", WIRE, [
    { kind: "429", route: "jobs.create", times: 1, retryAfterSeconds: 600 },
    { kind: "accept-then-reset", route: "jobs.create", times: 1 },
  ]);
  await cycle("promoted", { ...QUICK, experiment: { enabled: false }, probation: { duration: "1 day" } });
  await cycle("fallback", WIRE, [{ kind: "403", route: "jobs.create" }]);
  await cycle("training-failed", WIRE, [{ kind: "job-fail" }]);
  await cycle("training-refused", WIRE, [{ kind: "400", route: "jobs.create" }]);
  await cycle("files-refused", WIRE, [{ kind: "400", route: "files" }]);
  await cycle("trainer-closed", ALONE, [{ kind: "403", route: "files" }]);
  await cycle("out-of-time", { ...QUICK, training: { trainer: "openai-wire", deadline: "20 seconds" } }, [
    { kind: "job-stuck", status: "running" },
  ]);
  await cycle("prepared", { ...QUICK, training: { trainer: "openai-wire", automatic: false } });
  await cycle("over-budget", {
    ...QUICK,
    model: { provider: "openai-wire", name: "a-model-of-unknown-price" },
    training: { trainer: "openai-wire", automatic: true },
    budget: { perRunUsd: 10, monthlyUsd: 5 },
  });
  await world.applyLoop({ name: "gate-failed", ...QUICK });
  await world.database.query(
    `insert into gold_case (id, loop, gold_set, name, definition) values (gen_random_uuid(), 'gate-failed', 'core', 'one',
       jsonb_build_object('id', 'one', 'input', $1::text, 'expected', jsonb_build_object('action', $2::text), 'scorer', 'json-subset'))`,
    [world.corpus[0]!.text, world.corpus[0]!.label],
  );
  await cycle("gate-failed", { ...QUICK, evaluation: { goldSet: "core", minImprovement: 1 } });

  await world.applyLoop({ name: "empty", ...QUICK });
  const { id: empty } = await db.withLoop("empty", (tx) =>
    createCycle(tx, "empty", WHO, { pulse: null, watermark: 0, settingsVersion: 1, asOf: new Date() }),
  );
  await world.workflows.startCycle({ loop: "empty", cycleId: empty });
  await end(empty);
  await keep("cycle-nothing-to-learn", `cycle/${empty}`);

  for (const [name, fault] of [
    ["submitting", { kind: "hang", route: "jobs.create" }],
    ["training", { kind: "job-stuck", status: "running" }],
  ] as const) {
    await world.applyLoop({ name, ...WIRE });
    await life.withFaults([fault], async () => {
      const before = (await life.stats()).requests["jobs.create"] ?? 0;
      const id = await life.duePulse(name);
      await until("the submission", async () => ((await life.stats()).requests["jobs.create"] ?? 0) > before);
      if (name === "training")
        await life.untilRow("a job", "select 1 from training_run where cycle_id = $1 and status = 'running'", [id]);
      await keep(`cycle-under-way-${name}`, `cycle/${id}`);
      await world.workflows.cancelCycle(id);
      await end(id);
      await keep(`cycle-cancelled-${name}`, `cycle/${id}`);
    });
  }
}

// A snapshot that a cycle made is made again from its manifest, by a worker, to the byte; and told when it cannot be.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { ratingOf } from "../store/loop-fixture.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
let snapshotId: string;
before(async () => {
  environment = await devServerEnvironment();
  world = await openWorld(environment);
  life = loopLife(world);
  const settings = { ...QUICK, snapshot: { validationShare: 0.2, perUnitShare: 0.05 }, training: { automatic: false } };
  await world.applyLoop({ name: "demo", ...settings });
  const { outcome } = await life.cycleResult(await life.duePulse("demo"));
  assert.equal(outcome, "prepared");
  snapshotId = (await life.only("select id from snapshot where loop = $1", "demo")).id as string;
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const rebuild = () => world.workflows.rebuildSnapshot({ loop: "demo", snapshotId });

test("whatever was said and rated since, the snapshot comes out the same", async () => {
  const { query } = world.database;
  const earlier = await query("select interaction_id, rater from feedback where loop = $1 order by id limit 30", [
    "demo",
  ]);
  await world.talk("demo", { count: 40, approval: 0.5 });
  await world.database.db.withLoop("demo", (tx) =>
    recordFeedback(
      tx,
      "demo",
      earlier.map(({ interaction_id: id, rater }, index) =>
        ratingOf(id as string, [-1, 1, null][index % 3]!, {
          rater: rater as string,
          correction: index % 3 === 1 ? "better" : null,
        }),
      ),
      new Date(),
    ),
  );
  await life.pulse("demo"); // sees and prepares it all
  const rebuilt = await rebuild();
  assert.deepEqual([rebuilt.same, rebuilt.different], [true, []]);
  assert.match(rebuilt.words, /^\d+ of \d+ dropped/);
});

test("an example that is gone is noticed, and the files that it stood in are named", async () => {
  const { query } = world.database;
  const [gone] = await query(
    "delete from prepared where id = (select interaction_id from snapshot_example where file like 'training%' limit 1) returning id",
    [],
  );
  assert.ok(gone !== undefined);
  const { same, different } = await rebuild();
  assert.equal(same, false);
  assert.ok(
    different.includes("manifest.json") && different.some((name) => name.startsWith("training")),
    different.join(),
  );
  assert.ok(!different.some((name) => name.startsWith("validation")), different.join());
});

test("one that code of another kind made is refused in words", async () => {
  await world.database.query("update snapshot set manifest = manifest || $1", [{ format: "ratchet-snapshot/1" }]);
  await assert.rejects(rebuild(), { code: "conflict", message: /made in the form ratchet-snapshot\/1/ });
});

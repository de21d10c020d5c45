import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { demoLoop, firstKey } from "../../src/embedded/first-start.ts";
import { listKeys, revokeKey } from "../../src/store/keys.ts";
import { applySettings, listLoops } from "../../src/store/loops.ts";
import { championOf } from "../../src/store/models.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
const at = new Date("2026-02-03T04:05:06Z");
const keys = () => database.db.acrossLoops((tx) => listKeys(tx, null));

test("the first key opens everything, is written down before it counts, and stays as long as it works", async () => {
  const { db } = database;
  const written: string[] = [];
  const keep = (text: string) => void written.push(text);
  await assert.rejects(
    firstKey(
      db,
      null,
      () => {
        throw new Error("the disk is full");
      },
      at,
    ),
    /the disk is full/,
  );
  assert.deepEqual(await keys(), [], "a key that could not be written down does not count");

  const first = await firstKey(db, null, keep, at);
  assert.equal(first.isNew, true);
  assert.deepEqual(written, [first.text]);
  const [row] = await keys();
  assert.equal(row!.loop, null);
  assert.deepEqual([...row!.scopes].sort(), ["admin", "feedback", "operate", "read", "serve"]);
  assert.deepEqual(await firstKey(db, first.text, keep, at), { text: first.text, isNew: false });

  await db.acrossLoops((tx) => revokeKey(tx, row!.id, null, at));
  const second = await firstKey(db, first.text, keep, at);
  assert.equal(second.isNew, true);
  assert.notEqual(second.text, first.text);
  assert.deepEqual(written, [first.text, second.text]);
});

test("a key of another database, or with another secret, is replaced", async () => {
  const { db } = database;
  const { text } = await firstKey(db, null, () => undefined, at);
  for (const kept of ["rk_000000000000_abcdefghijklmnopqrstuvwxyz", `${text.slice(0, -4)}wxyz`, "nonsense"]) {
    assert.equal((await firstKey(db, kept, () => undefined, at)).isNew, true, kept);
  }
});

test("making a key is in the audit chain of all loops", async () => {
  const rows = await database.query("select actor, action, reason from audit where loop = '*' order by sequence");
  assert.deepEqual(rows[0], { actor: "start", action: "key.create", reason: "the first start on this data folder" });
});

test("the loop demo is made on the sandbox only where there is no loop", async () => {
  const { db } = database;
  await demoLoop(db, at);
  await demoLoop(db, at);
  const loops = await db.acrossLoops(listLoops);
  assert.deepEqual(
    loops.map(({ name, settingsVersion }) => [name, settingsVersion]),
    [["demo", 1]],
  );
  assert.equal(loops[0]!.settings.actionFrom, "/action");
  assert.equal((await db.withLoop("demo", (tx) => championOf(tx, "demo"))).name, "sandbox-base");

  const other = await createTestDatabase();
  try {
    const settings = parseLoopSettings({ name: "helpem" });
    await other.db.withLoop("helpem", (tx) =>
      applySettings(tx, settings, { actor: "test", reason: "there already" }, at),
    );
    await demoLoop(other.db, at);
    assert.deepEqual(
      (await other.db.acrossLoops(listLoops)).map((loop) => loop.name),
      ["helpem"],
    );
  } finally {
    await other.drop();
  }
});

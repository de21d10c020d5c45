import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { applySettings } from "../../src/store/loops.ts";
import { readRouting } from "../../src/store/routing.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());

test("a new loop has its base model as champion", async () => {
  const settings = parseLoopSettings({ name: "helpem" });
  const at = new Date();
  const made = await database.db.withLoop("helpem", (tx) =>
    applySettings(tx, settings, { actor: "test", reason: "first" }, at),
  );
  assert.equal(made.created, true);
  const routing = await database.db.withLoop("helpem", (tx) => readRouting(tx, "helpem", at));
  assert.equal(routing.champion.name, "llama-3.3-70b-instruct");
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addKey, findKey, listKeys, revokeKey, type Scope, touchKey } from "../../src/store/keys.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { AT, hours, makeLoop } from "./loop-fixture.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, "helpem");
  await makeLoop(database.db, "other");
});
after(() => database.drop());

const across = <T>(work: Parameters<typeof database.db.acrossLoops<T>>[0]) => database.db.acrossLoops(work);
const key = (id: string, loop: string | null, more: { scopes?: Scope[]; expiresAt?: Date | null; at?: Date } = {}) => ({
  id,
  loop,
  name: `key ${id}`,
  scopes: more.scopes ?? (["serve"] as Scope[]),
  secretHash: Buffer.from(`hash of ${id}`),
  createdBy: "ada",
  expiresAt: more.expiresAt ?? null,
  at: more.at ?? AT,
});

test("a key is found by its id with its hash, and by nothing else", async () => {
  await across((tx) => addKey(tx, key("a", "helpem", { scopes: ["serve", "feedback"], expiresAt: hours(24) })));
  const found = await across((tx) => findKey(tx, "a"));
  assert.deepEqual(found, {
    id: "a",
    loop: "helpem",
    name: "key a",
    scopes: ["serve", "feedback"],
    created_at: AT,
    expires_at: hours(24),
    revoked_at: null,
    last_used_at: null,
    secret_hash: Buffer.from("hash of a"),
  });
  for (const id of ["", "A", "%", "a' or true --"]) assert.equal(await across((tx) => findKey(tx, id)), null);
});

test("a loop sees and makes its own keys, and no others", async () => {
  await across((tx) => addKey(tx, key("theirs", "other")));
  await across((tx) => addKey(tx, key("of-all", null)));
  const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop("helpem", work);
  for (const id of ["theirs", "of-all"]) {
    assert.equal(await within((tx) => findKey(tx, id)), null);
    assert.equal(await within((tx) => revokeKey(tx, id, null, AT)), false);
  }
  await within((tx) => addKey(tx, key("own", "helpem")));
  for (const loop of ["other", null])
    await assert.rejects(
      within((tx) => addKey(tx, key(`smuggled-${loop}`, loop))),
      { code: "42501" },
    );
});

test("a key of nobody's loop, of no scope or of one that nobody knows cannot be", async () => {
  await assert.rejects(
    across((tx) => addKey(tx, key("x", "none"))),
    { code: "23503" },
  );
  await assert.rejects(
    across((tx) => addKey(tx, key("x", null, { scopes: [] }))),
    { code: "23514" },
  );
  await assert.rejects(
    across((tx) => addKey(tx, key("x", null, { scopes: ["everything" as Scope] }))),
    { code: "23514" },
  );
  await assert.rejects(
    across((tx) => addKey(tx, key("a", null))),
    { constraint: "api_key_pkey" },
  );
});

test("a key is revoked once, and only within its loop when one is named", async () => {
  await across((tx) => addKey(tx, key("gone", "helpem")));
  const revoke = (loop: string | null, hour: number) => across((tx) => revokeKey(tx, "gone", loop, hours(hour)));
  assert.equal(await revoke("other", 1), false);
  assert.equal(await revoke("helpem", 2), true);
  assert.equal(await revoke(null, 3), false);
  assert.deepEqual((await across((tx) => findKey(tx, "gone")))?.revoked_at, hours(2));
});

test("use is noted at most once a minute", async () => {
  await across((tx) => addKey(tx, key("used", "helpem")));
  const touch = async (seconds: number) => {
    await across((tx) => touchKey(tx, "used", new Date(AT.getTime() + seconds * 1000)));
    return (await across((tx) => findKey(tx, "used")))?.last_used_at;
  };
  assert.deepEqual(await touch(0), AT);
  assert.deepEqual(await touch(59), AT);
  assert.deepEqual(await touch(61), new Date(AT.getTime() + 61_000));
  assert.deepEqual(await touch(-500), new Date(AT.getTime() + 61_000));
});

test("keys are listed newest first, for one loop or for all, without their hashes", async () => {
  await across((tx) => addKey(tx, key("newest", "other", { at: hours(5) })));
  assert.deepEqual(
    (await across((tx) => listKeys(tx, "other"))).map((found) => found.id),
    ["newest", "theirs"],
  );
  const all = await across((tx) => listKeys(tx, null));
  assert.ok(all.some((found) => found.loop === null) && all.some((found) => found.loop === "helpem"));
  assert.ok(all.every((found) => !("secret_hash" in found)));
});

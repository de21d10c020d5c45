import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isSecret, readKey } from "../../src/api/key-text.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { findKey, revokeKey } from "../../src/store/keys.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { runRatchet } from "./run-ratchet.ts";

let database: TestDatabase;
let env: Record<string, string>;
before(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url };
});
after(() => database.drop());

const keys = () => database.query("select id, loop, scopes, created_by from api_key order by created_at");
const kept: string[] = [];

test("of several that ask an empty database at once, one gets the first key", async () => {
  const ran = await Promise.all([1, 2, 3].map(() => runRatchet(["key", "first", "--json"], { env })));
  assert.deepEqual(ran.map(({ code }) => code).sort(), [0, 1, 1]);
  const { key, loop } = JSON.parse(ran.find(({ code }) => code === 0)!.out);
  const { id, secret } = readKey(key)!;
  const row = await database.db.acrossLoops((tx) => findKey(tx, id));
  assert.equal(loop, null);
  assert.ok(isSecret(secret, row!.secret_hash));
  assert.deepEqual(await keys(), [
    { id, loop: null, scopes: ["admin", "serve", "feedback", "read", "operate"], created_by: "database" },
  ]);
  kept.push(id);
});

test("where there is a key, it is refused with what to do, and --again makes another", async () => {
  const refused = await runRatchet(["key", "first"], { env });
  assert.equal(refused.code, 1);
  assert.match(refused.err, /there is a key already that can make others\n→ use it: .*ratchet key first --again/);
  assert.equal((await keys()).length, 1);
  const again = await runRatchet(["key", "first", "--again", "--reason", "ann left with it"], { env });
  assert.equal(again.code, 0);
  kept.push(readKey(again.out.split("\n")[0]!)!.id);
});

test("keys that are revoked, or open one loop only, or not everything, do not stand in its way", async () => {
  const at = new Date();
  for (const id of kept) assert.ok(await database.db.acrossLoops((tx) => revokeKey(tx, id, null, at)));
  await database.query(
    "insert into api_key (id, loop, name, scopes, secret_hash, created_at, created_by) select 'reader', null, 'r', '{read}', secret_hash, now(), 'test' from api_key limit 1",
  );
  assert.equal((await runRatchet(["key", "first"], { env })).code, 0);
});

test("each is in the audit chain of all loops with its reason", async () => {
  const rows = await database.query("select actor, action, reason from audit where loop = '*' order by sequence");
  const entry = (reason: string) => ({ actor: "database", action: "key.create", reason });
  assert.deepEqual(rows, ["the first start", "ann left with it", "the first start"].map(entry));
  assert.equal((await database.db.acrossLoops((tx) => verifyAudit(tx, "*"))).broken, null);
});

test("without DATABASE_URL, or on a database without the schema, it says what is missing", async () => {
  const none = await runRatchet(["key", "first"]);
  assert.match(none.err, /DATABASE_URL is not set/);
  const empty = new URL(database.url);
  empty.pathname = "/template1";
  const unmigrated = await runRatchet(["key", "first"], { env: { DATABASE_URL: empty.href } });
  assert.match(unmigrated.err, /no Ratchet schema yet\n→ run: npx ratchet migrate/);
});

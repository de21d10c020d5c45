import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "../../src/db/sql.ts";
import { EVERY_LOOP, lastAuditOf, listAudit, recordAudit, verifyAudit } from "../../src/store/audit.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { hours, makeLoop, warmUp } from "./loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(() => {
  loop = `loop-${++made}`; // each test has a chain to itself
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const note = (number: number, payload: unknown = { number }) =>
  within((tx) =>
    recordAudit(tx, {
      loop,
      at: hours(number),
      actor: "ada",
      action: "test.note",
      subject: `note/${number}`,
      reason: "because",
      payload,
    }),
  );
const verify = () => within((tx) => verifyAudit(tx, loop));
const notes = async (count: number) => {
  for (let number = 1; number <= count; number++) await note(number);
};
const tamper = (statement: string) => database.query(statement.replaceAll("{loop}", `loop = '${loop}'`));

test("a chain of nothing is whole, and so is one that was only added to", async () => {
  assert.deepEqual(await verify(), { entries: 0, broken: null });
  await notes(5);
  assert.deepEqual(await verify(), { entries: 5, broken: null });
});

test("whatever is changed in an entry is found, at that entry", async () => {
  const changes: [string, RegExp][] = [
    ["actor = 'eve'", /was changed/],
    ["action = 'other'", /was changed/],
    ["subject = 'other'", /was changed/],
    ["reason = 'other'", /was changed/],
    ["at = at + interval '1 millisecond'", /was changed/],
    ["payload = '{\"number\": 99}'", /payload was changed/],
    ["payload = null", /payload was changed/],
    ["salt = null", /payload was changed/],
    ["salt = '\\x00', payload = '{}'", /payload was changed/],
    ["digest = '\\x00'", /was changed/],
    ["hash = '\\x00'", /was changed/],
    ["previous_hash = '\\x00'", /does not follow/],
  ];
  for (const [change, why] of changes) {
    loop = `loop-${++made}`;
    await notes(4);
    await tamper(`update audit set ${change} where {loop} and sequence = 2`);
    const { broken } = await verify();
    assert.equal(broken?.sequence, 2, change);
    assert.match(broken!.why, why, change);
  }
});

test("a removed entry is found, and a row that was put in its place", async () => {
  await notes(5);
  await tamper("delete from audit where {loop} and sequence = 3");
  assert.deepEqual(await verify(), { entries: 2, broken: { sequence: 3, why: "entry 3 is missing" } });
  await tamper("update audit set sequence = sequence - 1 where {loop} and sequence > 3");
  assert.deepEqual((await verify()).broken?.sequence, 3);
});

test("entries that changed places are found", async () => {
  await notes(4);
  await tamper(
    "update audit set sequence = case sequence when 2 then 103 else 102 end where {loop} and sequence in (2, 3)",
  );
  await tamper("update audit set sequence = sequence - 100 where {loop} and sequence > 100");
  assert.equal((await verify()).broken?.sequence, 2);
});

test("a cut tail is found, a whole cut chain, and a head that was taken away with it", async () => {
  await notes(4);
  await tamper("delete from audit where {loop} and sequence = 4");
  assert.deepEqual(await verify(), { entries: 3, broken: { sequence: 4, why: "the newest entries are missing" } });
  await tamper("delete from audit_head where {loop}");
  assert.deepEqual((await verify()).broken?.why, "the newest entries are missing");
  loop = `loop-${++made}`;
  await notes(2);
  await tamper("delete from audit where {loop}");
  assert.deepEqual(await verify(), { entries: 0, broken: { sequence: 1, why: "the newest entries are missing" } });
});

test("an entry of another chain does not fit in", async () => {
  await notes(2);
  const from = loop;
  loop = `loop-${++made}`;
  await notes(1);
  await tamper(`insert into audit select '${loop}', sequence, at, actor, action, subject, reason, payload, salt, digest, previous_hash, hash
    from audit where loop = '${from}' and sequence = 2`);
  await tamper(
    `update audit_head set sequence = 2, hash = (select hash from audit_head where loop = '${from}') where {loop}`,
  );
  assert.equal((await verify()).broken?.sequence, 2);
});

test("a payload and its salt can be erased, by the application, and the chain still holds", async () => {
  await notes(5);
  await within(async (tx) => {
    assert.equal(
      await tx.run(sql`update audit set payload = null, salt = null where loop = ${loop} and sequence in (2, 4)`),
      2,
    );
  });
  assert.deepEqual(await verify(), { entries: 5, broken: null });
});

test("many that write at once make one chain", async () => {
  await Promise.all(Array.from({ length: 40 }, (_, number) => note(number)));
  assert.deepEqual(await verify(), { entries: 40, broken: null });
});

test("what was rolled back leaves no gap", async () => {
  await note(1);
  await assert.rejects(
    within(async (tx) => {
      await recordAudit(tx, { loop, at: hours(2), actor: "ada", action: "test.undone", subject: "x", reason: "x" });
      throw new Error("undone");
    }),
    /undone/,
  );
  await note(3);
  assert.deepEqual(await verify(), { entries: 2, broken: null });
});

test("verifying while others write finds no fault", async () => {
  await notes(3);
  let over = false;
  const verifying = (async () => {
    for (let round = 0; !over || round < 3; round++) assert.equal((await verify()).broken, null);
  })();
  await Promise.all(Array.from({ length: 60 }, (_, number) => note(10 + number)));
  over = true;
  await verifying;
  assert.equal((await verify()).entries, 63);
});

test("long chains are verified to their end", async () => {
  await within(async (tx) => {
    for (let number = 0; number < 1_010; number++)
      await recordAudit(tx, {
        loop,
        at: hours(0),
        actor: "ada",
        action: "test.note",
        subject: `${number}`,
        reason: "r",
      });
  });
  assert.deepEqual(await verify(), { entries: 1_010, broken: null });
  await tamper("update audit set reason = 'other' where {loop} and sequence = 1005");
  assert.equal((await verify()).broken?.sequence, 1_005);
});

test("any text and any payload verify as they were written", async () => {
  const hostile = "a\0b\ud800'\"\\\u2028👍é";
  const payloads = [
    hostile,
    { [hostile]: hostile, b: 1, a: { d: 1, c: [] } },
    [1e21, 5e-324, -0, 0.1 + 0.2, Number.MAX_SAFE_INTEGER, 1e-7],
    { 10: "ten", 9: "nine", "01": "one" },
    null,
    undefined,
    [],
    "",
    false,
    { at: hours(1), nothing: undefined },
    JSON.parse('{"__proto__": {"x": 1}}'),
  ];
  for (const payload of payloads) await note(1, payload);
  await within((tx) =>
    recordAudit(tx, { loop, at: hours(0), actor: hostile, action: hostile, subject: hostile, reason: hostile }),
  );
  assert.deepEqual(await verify(), { entries: payloads.length + 1, broken: null });
});

test("what belongs to no loop has a chain of its own, which loops do not see", async () => {
  await database.db.acrossLoops((tx) =>
    recordAudit(tx, {
      loop: EVERY_LOOP,
      at: hours(0),
      actor: "ada",
      action: "key.create",
      subject: "key/1",
      reason: "r",
    }),
  );
  assert.deepEqual(await database.db.acrossLoops((tx) => verifyAudit(tx, EVERY_LOOP)), { entries: 1, broken: null });
  assert.deepEqual(await within((tx) => listAudit(tx, EVERY_LOOP, { before: null, limit: 9 })), []);
  await assert.rejects(
    within((tx) =>
      recordAudit(tx, { loop: EVERY_LOOP, at: hours(0), actor: "eve", action: "x", subject: "x", reason: "x" }),
    ),
    { code: "42501" },
  );
});

test("entries are listed newest first, without salt; the last one about something is found", async () => {
  await makeLoop(database.db, loop);
  await notes(3);
  const list = (before: number | null) => within((tx) => listAudit(tx, loop, { before, limit: 2 }));
  const first = await list(null);
  assert.deepEqual(
    first.map((entry) => [entry.sequence, entry.subject, entry.payload]),
    [
      [5, "note/3", { number: 3 }],
      [4, "note/2", { number: 2 }],
    ],
  );
  assert.deepEqual(Object.keys(first[0]!).sort(), [
    "action",
    "actor",
    "at",
    "hash",
    "loop",
    "payload",
    "reason",
    "sequence",
    "subject",
  ]);
  assert.deepEqual(
    (await list(2)).map((entry) => entry.sequence),
    [1],
  );
  assert.deepEqual(await within((tx) => lastAuditOf(tx, loop, "note/2")), {
    actor: "ada",
    action: "test.note",
    at: hours(2),
  });
  assert.equal(await within((tx) => lastAuditOf(tx, loop, "note/9")), null);
});

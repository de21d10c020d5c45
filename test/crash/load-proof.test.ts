// The proof must find what it looks for: here it is handed a database in which something went wrong.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { unitHasher } from "../../src/domain/unit-hash.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { AT, interactionOf, makeLoop, ratingOf } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { Ledger } from "./load-ledger.ts";
import { prove } from "./load-proof.ts";
import type { Stack } from "./stack.ts";

const LOOP = "proved";
const secret = "a secret for tests only";
let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, LOOP);
});
after(() => database.drop());

const none = { interactions: 0, ratings: 0 };
const faultsOf = async (ledger: Ledger) => {
  const { faults } = await prove({ ...database, secret } as unknown as Stack, LOOP, ledger, none);
  return faults.filter((fault) => !fault.startsWith("the experiment counted nothing")); // there is none here
};
const acknowledged = (ledger: Ledger, kind: "chat" | "interaction" | "rating", id: string, ours: string) => {
  ledger.open(kind, id, kind === "rating" ? 1 : null).acknowledged = ours;
};

test("what is there once is right; what is lost, doubled, changed or unheard of is named", async () => {
  const { db, query } = database;
  const ledger = new Ledger();
  const conversation = unitHasher(secret)(LOOP, "conversation:talk-1");
  const [chat, call] = await db.withLoop(LOOP, (tx) =>
    recordInteractions(tx, LOOP, [
      interactionOf({ conversation }),
      interactionOf({ clientId: "call-1", metadata: { sent_as: "call-1" } }),
    ]),
  );
  const [rating] = await db.withLoop(LOOP, (tx) =>
    recordFeedback(tx, LOOP, [ratingOf("call-1", 1, { eventId: "event-1" })], AT),
  );
  acknowledged(ledger, "chat", "talk-1", chat!);
  acknowledged(ledger, "interaction", "call-1", call!);
  acknowledged(ledger, "rating", "event-1", rating!);
  ledger.open("interaction", "call-2"); // given up, and absent: allowed
  assert.deepEqual(await faultsOf(ledger), []);

  acknowledged(ledger, "interaction", "call-3", call!);
  assert.deepEqual(await faultsOf(ledger), ["1 of kind interaction acknowledged and lost: call-3"]);
  ledger.sent.pop();

  await query("update feedback_rollup set up = up + 1 where loop = $1", [LOOP]);
  assert.deepEqual(await faultsOf(ledger), ["rollup differ from a recount"]);
  await query("update feedback_rollup set up = up - 1 where loop = $1", [LOOP]);

  await query("update feedback set value = '-1' where loop = $1", [LOOP]);
  assert.ok((await faultsOf(ledger)).includes("1 of kind rating with another value: event-1"));
  await query("update feedback set value = '1' where loop = $1", [LOOP]);

  await db.withLoop(LOOP, (tx) => recordInteractions(tx, LOOP, [interactionOf({ conversation })]));
  const doubled = await faultsOf(ledger);
  assert.equal(doubled[0], "1 of kind chat twice: talk-1");
  assert.match(doubled[1]!, /^there are {"interactions":3,.* were sent$/);
});

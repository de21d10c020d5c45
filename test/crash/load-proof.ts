// Holds what senders were told against what is in the database: everything acknowledged is there, once; everything else is
// there once or absent; nothing is there that nobody sent; and every sum equals a recount.
import { isDeepStrictEqual } from "node:util";
import { unitHasher } from "../../src/domain/unit-hash.ts";
import { EVERY_LOOP, verifyAudit } from "../../src/store/audit.ts";
import { collect } from "../../src/store/collect.ts";
import { keptSums, recount } from "../store/feedback/recount.ts";
import type { Ledger } from "./load-ledger.ts";
import type { Stack } from "./stack.ts";

export interface Proof {
  /** In words, with names; empty when all is well. */
  readonly faults: string[];
  /** Not acknowledged, and there all the same, by kind: allowed. */
  readonly unacknowledgedButThere: Record<string, number>;
  readonly interactions: number;
  readonly ratings: number;
}

type Row = Record<string, unknown>;
const SHOWN = 5;

/** `before`: how many interactions and ratings the loop had before the traffic. */
export async function prove(
  stack: Stack,
  loop: string,
  ledger: Ledger,
  before: { interactions: number; ratings: number },
): Promise<Proof> {
  const faults = [...ledger.faults];
  const fault = (what: string, names: readonly string[]) => {
    if (names.length > 0) faults.push(`${names.length} ${what}: ${names.slice(0, SHOWN).join(", ")}`);
  };
  const unacknowledgedButThere: Record<string, number> = {};
  const hash = unitHasher(stack.secret);
  const rows = (text: string) => stack.query(text, [loop]);

  // Each kind: what is on record, by the sender's name for it.
  const chats = grouped(
    await rows("select conversation as name, id from interaction where loop = $1 and conversation is not null"),
  );
  const interactions = grouped(
    await rows("select metadata ->> 'sent_as' as name, id from interaction where loop = $1 and metadata ? 'sent_as'"),
  );
  const ratings = grouped(
    await rows(`select key.client_id as name, feedback.id, feedback.value from ingest_key key
                left join feedback on feedback.id = key.id where key.loop = $1 and key.kind = 'feedback'`),
  );
  const records = { chat: chats, interaction: interactions, rating: ratings };
  const expected = { interactions: before.interactions, ratings: before.ratings };
  for (const kind of ["chat", "interaction", "rating"] as const) {
    const name = (id: string) => (kind === "chat" ? hash(loop, `conversation:${id}`) : id);
    const entries = ledger.of(kind).map((entry) => ({ ...entry, found: records[kind].get(name(entry.id)) ?? [] }));
    const names = (those: typeof entries) => those.map(({ id }) => id);
    const acknowledged = entries.filter((entry) => entry.acknowledged !== null);
    fault(`of kind ${kind} acknowledged and lost`, names(acknowledged.filter(({ found }) => found.length === 0)));
    fault(
      `of kind ${kind} kept under another id than was told`,
      names(acknowledged.filter(({ found, acknowledged: told }) => found.length === 1 && found[0]!.id !== told)),
    );
    fault(`of kind ${kind} twice`, names(entries.filter(({ found }) => found.length > 1)));
    fault(
      `of kind ${kind} with another value`,
      names(entries.filter(({ value, found }) => value !== null && found.some((row) => row.value !== value))),
    );
    const there = entries.filter(({ found }) => found.length > 0).length;
    unacknowledgedButThere[kind] = entries.filter(
      (entry) => entry.acknowledged === null && entry.found.length > 0,
    ).length;
    expected[kind === "rating" ? "ratings" : "interactions"] += there;
  }

  const [count] = (await rows(`select (select count(*)::int from interaction where loop = $1) as interactions,
                                      (select count(*)::int from feedback where loop = $1) as ratings`)) as [
    { interactions: number; ratings: number },
  ];
  if (!isDeepStrictEqual({ ...count }, expected))
    faults.push(`there are ${JSON.stringify(count)}, and ${JSON.stringify(expected)} were sent`);

  const [kept, recounted] = await Promise.all([keptSums(stack as never, loop), recount(stack as never, loop)]);
  for (const sums of ["live", "rollup", "units", "variants"] as const)
    if (!isDeepStrictEqual(kept[sums], recounted[sums])) faults.push(`${sums} differ from a recount`);
  if (Object.keys(recounted.variants).length < 2) faults.push("the experiment counted nothing: the test is none");

  faults.push(...(await auditFaults(stack, loop)), ...(await watermarkFaults(stack, loop)));
  return { faults, unacknowledgedButThere, ...count };
}

/** The chains of the loop and of what concerns all loops. */
export async function auditFaults({ db }: Stack, loop: string): Promise<string[]> {
  const chains = [
    await db.withLoop(loop, (tx) => verifyAudit(tx, loop)),
    await db.acrossLoops((tx) => verifyAudit(tx, EVERY_LOOP)),
  ];
  return chains.flatMap(({ broken }) =>
    broken === null ? [] : [`the audit chain is broken: ${JSON.stringify(broken)}`],
  );
}

/** Each row was seen by one pulse, and counted by it. */
async function watermarkFaults({ db, query }: Stack, loop: string): Promise<string[]> {
  await collect(db, loop, new Date());
  const [sums] = await query(
    `select (select sum(interactions)::int from pulse where loop = $1) as interactions_by_pulses,
            (select count(*)::int from interaction where loop = $1) as interactions,
            (select sum(feedback)::int from pulse where loop = $1) as feedback_by_pulses,
            (select count(*)::int from feedback where loop = $1) as feedback`,
    [loop],
  );
  const { interactions_by_pulses, interactions, feedback_by_pulses, feedback } = sums!;
  const equal = interactions_by_pulses === interactions && feedback_by_pulses === feedback;
  return equal ? [] : [`pulses have seen another number than there are: ${JSON.stringify(sums)}`];
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.id === null) continue;
    const name = row.name as string;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

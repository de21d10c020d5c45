// Gold cases and the reports of evaluations against them.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { newId } from "../domain/id.ts";

const row = z.object({
  id: z.string(),
  gold_set: z.string(),
  name: z.string(),
  definition: z.unknown(),
  created_at: z.date(),
});

/** The cases of a set, by name. */
export function goldCases(tx: Transaction, loop: string, goldSet: string) {
  return tx.rows(
    row,
    sql`select id, gold_set, name, definition, created_at from gold_case where loop = ${loop} and gold_set = ${goldSet} order by name`,
  );
}

/** Cases of one set, or of all when `goldSet` is null; the newest first, below `before` when given. */
export function listGoldCases(
  tx: Transaction,
  loop: string,
  goldSet: string | null,
  page: { before: string | null; limit: number },
) {
  return tx.rows(
    row,
    sql`
    select id, gold_set, name, definition, created_at from gold_case
    where loop = ${loop} and (${goldSet}::text is null or gold_set = ${goldSet}) and id < coalesce(${page.before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    order by id desc limit ${page.limit}`,
  );
}

/** Adds cases; one of the same name is replaced. Returns how many there are now. */
export async function putGoldCases(
  tx: Transaction,
  loop: string,
  goldSet: string,
  cases: readonly { name: string; definition: unknown }[],
  at: Date,
): Promise<number> {
  for (const entry of cases)
    await tx.run(sql`
      insert into gold_case (id, loop, gold_set, name, definition, created_at)
      values (${newId()}, ${loop}, ${goldSet}, ${entry.name}, ${JSON.stringify(entry.definition)}, ${at})
      on conflict (loop, gold_set, name) do update set definition = excluded.definition`);
  return (await goldCases(tx, loop, goldSet)).length;
}

const evaluation = z.object({
  id: z.string(),
  cycle_id: z.string().nullable(),
  candidate_id: z.string(),
  champion_id: z.string(),
  gold_set: z.string().nullable(),
  passed: z.boolean(),
  reason: z.string(),
  report: z.unknown(),
  at: z.date(),
});
export type Evaluation = z.output<typeof evaluation>;

/** Writes a report down once per cycle and returns the one on record; `isNew` says whether it is this one. */
export async function addEvaluation(
  tx: Transaction,
  loop: string,
  entry: Omit<Evaluation, "id" | "cycle_id"> & { cycle_id: string },
): Promise<Evaluation & { isNew: boolean }> {
  const added = await tx.run(sql`
    insert into evaluation (id, loop, cycle_id, candidate_id, champion_id, gold_set, passed, reason, report, at)
    values (${newId()}, ${loop}, ${entry.cycle_id}, ${entry.candidate_id}, ${entry.champion_id}, ${entry.gold_set}, ${entry.passed}, ${entry.reason},
            ${JSON.stringify(entry.report)}, ${entry.at})
    on conflict (cycle_id) do nothing`);
  const kept = await tx.one(evaluation, sql`select * from evaluation where cycle_id = ${entry.cycle_id}`);
  return { ...kept, isNew: added > 0 };
}

export function evaluationOfCycle(tx: Transaction, cycleId: string): Promise<Evaluation | null> {
  return tx.maybe(evaluation, sql`select * from evaluation where cycle_id = ${cycleId}`);
}

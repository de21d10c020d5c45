// The evidence as a look reads it: for each metric, variant and stratum the sums over units that the estimate needs. A look
// reads a handful of rows, however many interactions there were; tally-changes.ts keeps them.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import type { Tally } from "../../evidence/tally.ts";
import { CROSSED } from "./tally-changes.ts";

const row = z.object({
  metric: z.string(),
  variant: z.enum(["champion", "challenger", "standby"]),
  stratum: z.number(),
  users: z.number(),
  sum_y: z.coerce.number(),
  sum_k: z.coerce.number(),
  sum_yy: z.coerce.number(),
  sum_yk: z.coerce.number(),
  sum_kk: z.coerce.number(),
});

/** The sums over units of one metric in one phase of an experiment, by variant and stratum. Metrics' keys are those of docs/decisions/0029. */
export interface VariantTally extends Tally {
  metric: string;
  variant: "champion" | "challenger" | "standby";
  stratum: number;
}

type Phase = "experiment" | "probation";

/** Every metric's tallies that hold a unit, by metric, stratum and variant. Units that met both variants are in none (`readCrossed`). */
export async function readTallies(tx: Transaction, experimentId: string, phase: Phase): Promise<VariantTally[]> {
  const rows = await tx.rows(
    row,
    sql`
    select metric, variant, stratum, users, sum_y, sum_k, sum_yy, sum_yk, sum_kk from variant_tally
    where experiment_id = ${experimentId} and phase = ${phase} and variant <> ${CROSSED} and users > 0
    order by metric collate "C", stratum, variant`,
  );
  return rows.map(({ sum_y, sum_k, sum_yy, sum_yk, sum_kk, ...same }) => ({
    ...same,
    sumY: sum_y,
    sumK: sum_k,
    sumYY: sum_yy,
    sumYK: sum_yk,
    sumKK: sum_kk,
  }));
}

/** How many units met both variants, or are in two strata, of how many that were exposed at all. It should not happen. */
export function readCrossed(
  tx: Transaction,
  experimentId: string,
  phase: Phase,
): Promise<{ crossed: number; units: number }> {
  return tx.one(
    z.object({ crossed: z.coerce.number(), units: z.coerce.number() }),
    sql`
    select coalesce(sum(users) filter (where variant = ${CROSSED}), 0) as crossed, coalesce(sum(users), 0) as units
    from variant_tally where experiment_id = ${experimentId} and phase = ${phase} and metric = 'rated'`,
  );
}

// What every sum must come to, worked out from the raw rows by other means: in memory, rating by rating.
import { EMPTY_TALLY, type Tally, tallyOf, type UnitTotals, unitTotals } from "../../../src/evidence/tally.ts";
import type { TestDatabase } from "../../support/test-database.ts";

type Query = Pick<TestDatabase, "query">;

interface Revision {
  id: string;
  interaction_id: string;
  name: string;
  rater: string;
  value: unknown;
  action_type: string | null;
  revision: string | null;
}
interface Said {
  id: string;
  day: string;
  action_type: string | null;
  unit: string | null;
  variant: string;
  experiment_id: string | null;
  phase: string | null;
  stratum: number | null;
}

/** Everything that the store keeps in step with the raw rows of a loop. */
export interface Sums {
  live: Record<string, string>;
  rollup: Record<string, string>;
  units: Record<string, UnitTotals>;
  variants: Record<string, Tally>;
}

/** From the revisions and the interactions alone. */
export async function recount({ query }: Query, loop: string): Promise<Sums> {
  const revisions = (await query("select * from feedback where loop = $1", [loop])) as unknown as Revision[];
  const said = (await query(
    `select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, action_type, unit, variant, experiment_id, phase, stratum
     from interaction where loop = $1`,
    [loop],
  )) as unknown as Said[];
  const interactions = new Map(said.map((row) => [row.id, row]));
  const live = winners(revisions);
  const thumbs = [...live.values()].flatMap((revision) => {
    const about = interactions.get(revision.interaction_id);
    return about !== undefined && isThumb(revision) ? [{ revision, about }] : [];
  });
  const rollup: Record<string, string> = {};
  for (const [key, group] of grouped(
    thumbs,
    ({ revision, about }) => `${about.day}/${about.action_type ?? revision.action_type ?? ""}`,
  )) {
    const up = group.filter(({ revision }) => (revision.value as number) > 0).length;
    rollup[key] = `+${up} -${group.length - up}`;
  }
  const counted = thumbs.filter(({ about }) => about.experiment_id !== null && about.unit !== null);
  const units: Record<string, UnitTotals> = {};
  const ofVariant = new Map<string, UnitTotals[]>();
  for (const [key, group] of grouped(counted, ({ about }) => `${about.experiment_id}/${about.phase}/${about.unit}`)) {
    const ratings = group.map(({ revision }) => ({
      interactionId: revision.interaction_id,
      name: revision.rater, // all are thumbs: raters tell ratings of one interaction apart
      value: (revision.value as number) > 0 ? 1 : 0,
    }));
    units[key] = unitTotals(ratings);
    const { experiment_id, phase, variant, stratum } = group[0]!.about;
    const variantKey = `${experiment_id}/${phase}/${variant}/${stratum}`;
    ofVariant.set(variantKey, [...(ofVariant.get(variantKey) ?? []), units[key]!]);
  }
  const variants = Object.fromEntries([...ofVariant].map(([key, totals]) => [key, tallyOf(totals)]));
  return { live: Object.fromEntries([...live].map(([key, { id }]) => [key, id])), rollup, units, variants };
}

/** As the store keeps it; rows that hold nothing are left out. */
export async function keptSums({ query }: Query, loop: string): Promise<Sums> {
  const live = await query(
    "select interaction_id || '/' || name || '/' || rater as key, feedback_id as id from rating where loop = $1",
    [loop],
  );
  const rollup = await query(
    "select day || '/' || action_type as key, '+' || up || ' -' || down as sum from feedback_rollup where loop = $1 and (up <> 0 or down <> 0)",
    [loop],
  );
  const units = await query(
    "select experiment_id || '/' || phase || '/' || unit as key, y_micros / 1e6 as y, k from unit_tally where loop = $1 and k <> 0",
    [loop],
  );
  const variants = await query(
    "select experiment_id || '/' || phase || '/' || variant || '/' || stratum as key, * from variant_tally where loop = $1",
    [loop],
  );
  const tallies = variants.map((row): [string, Tally] => [
    row.key as string,
    {
      users: Number(row.users),
      sumY: Number(row.sum_y),
      sumK: Number(row.sum_k),
      sumYY: Number(row.sum_yy),
      sumYK: Number(row.sum_yk),
      sumKK: Number(row.sum_kk),
    },
  ]);
  return {
    live: Object.fromEntries(live.map((row) => [row.key, row.id])),
    rollup: Object.fromEntries(rollup.map((row) => [row.key, row.sum])),
    units: Object.fromEntries(units.map((row) => [row.key, { y: Number(row.y), k: Number(row.k) }])),
    variants: Object.fromEntries(tallies.filter(([, tally]) => JSON.stringify(tally) !== JSON.stringify(EMPTY_TALLY))),
  };
}

function winners(revisions: readonly Revision[]): Map<string, Revision> {
  const live = new Map<string, Revision>();
  for (const revision of revisions) {
    const key = `${revision.interaction_id}/${revision.name}/${revision.rater}`;
    const held = live.get(key);
    const rank = (given: Revision) => Number(given.revision ?? -1);
    const wins =
      held === undefined || rank(revision) > rank(held) || (rank(revision) === rank(held) && revision.id > held.id);
    if (wins) live.set(key, revision);
  }
  return live;
}

function isThumb({ name, value }: Revision): boolean {
  return name === "thumb" && typeof value === "number" && value !== 0;
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

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
  error: string | null;
  latency_us: string | null;
  cost_micros: string | null;
  quality: number | null;
}
interface Frozen {
  id: string;
  parameters: { slowAbove?: number | null; metrics?: { name: string }[] };
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
    `select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, action_type, unit, variant, experiment_id, phase, stratum,
       error, latency_us, cost_micros, quality from interaction where loop = $1`,
    [loop],
  )) as unknown as Said[];
  const frozen = (await query("select id, parameters from experiment where loop = $1", [loop])) as unknown as Frozen[];
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
  const ratings = Map.groupBy(live.values(), (revision) => revision.interaction_id);
  const outcomes = said.flatMap((about) => {
    const parameters = frozen.find(({ id }) => id === about.experiment_id)?.parameters;
    return parameters === undefined || about.unit === null
      ? []
      : outcomesOf(about, parameters, ratings.get(about.id) ?? []);
  });
  const units: Record<string, UnitTotals> = {};
  const ofVariant = new Map<string, UnitTotals[]>();
  for (const [person, group] of grouped(outcomes, ({ about }) => personOf(about))) {
    const sides = new Set(group.map(({ about }) => `${about.variant}/${about.stratum}`));
    const side = sides.size === 1 ? [...sides][0] : "crossed/0";
    for (const [metric, values] of grouped(group, (outcome) => outcome.metric)) {
      const totals = totalsOf(metric, values);
      const [experiment, phase] = person.split("/");
      const key = `${experiment}/${phase}/${metric}/${side}`;
      units[`${person}/${metric}`] = { ...totals, y: micros(totals.y) };
      ofVariant.set(key, [...(ofVariant.get(key) ?? []), totals]);
    }
  }
  const variants = Object.fromEntries([...ofVariant].map(([key, totals]) => [key, rounded(tallyOf(totals))]));
  return { live: Object.fromEntries([...live].map(([key, { id }]) => [key, id])), rollup, units, variants };
}

/** The store's numbers are exact, and those of the pure functions are as floating point leaves them: alike to a millionth. */
const micros = (value: number) => Math.round(value * 1e6) / 1e6;
const rounded = (tally: Tally): Tally => ({
  ...tally,
  sumY: micros(tally.sumY),
  sumYY: micros(tally.sumYY),
  sumYK: micros(tally.sumYK),
});

interface Outcome {
  about: Said;
  metric: string;
  value: number;
  /** Of a rating: who rated, so that ratings of one interaction can be told apart. */
  rater?: string;
}

const personOf = ({ experiment_id, phase, unit }: Said) => `${experiment_id}/${phase}/${unit}`;

function outcomesOf(
  about: Said,
  { slowAbove, metrics = [] }: Frozen["parameters"],
  said: readonly Revision[],
): Outcome[] {
  const { error, latency_us: latency, cost_micros: cost, quality } = about;
  const answered = error === null && latency !== null;
  const of = (metric: string, value: number | null, rater?: string): Outcome[] =>
    value === null ? [] : [{ about, metric, value, ...(rater === undefined ? {} : { rater }) }];
  return [
    ...of("rated", said.filter(isThumb).length),
    ...of("error", error === null ? 0 : 1),
    ...of("slow", answered && slowAbove != null ? Number(Number(latency) > slowAbove) : null),
    ...of("cost", cost === null ? null : Number(cost)),
    ...of("quality", quality),
    ...said.flatMap((revision) => {
      const { name, value, rater, action_type: action } = revision;
      const named =
        typeof value === "number" && Math.abs(value) <= 1e9 && metrics.some((metric) => metric.name === name);
      if (!isThumb(revision)) return named && name !== "thumb" ? of(`feedback:${name}`, value, rater) : [];
      const thumb = (value as number) > 0 ? 1 : 0;
      return [...of("approval", thumb, rater), ...of(`approval/${about.action_type ?? action ?? ""}`, thumb, rater)];
    }),
  ];
}

/** By the functions that the simulator uses: a unit's first ten ratings, but all of its interactions. */
function totalsOf(metric: string, outcomes: readonly Outcome[]): UnitTotals {
  if (metric.startsWith("approval") || metric.startsWith("feedback:"))
    return unitTotals(outcomes.map(({ about, value, rater }) => ({ interactionId: about.id, name: rater!, value })));
  return { y: outcomes.reduce((sum, { value }) => sum + value, 0), k: outcomes.length };
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
    "select experiment_id || '/' || phase || '/' || unit || '/' || metric as key, y_micros / 1e6 as y, k from unit_tally where loop = $1 and k <> 0",
    [loop],
  );
  const variants = await query(
    "select experiment_id || '/' || phase || '/' || metric || '/' || variant || '/' || stratum as key, * from variant_tally where loop = $1",
    [loop],
  );
  const tallies = variants.map((row): [string, Tally] => {
    const [sumY, sumK, sumYY, sumYK, sumKK] = [row.sum_y, row.sum_k, row.sum_yy, row.sum_yk, row.sum_kk].map(Number);
    const tally = { users: Number(row.users), sumY, sumK, sumYY, sumYK, sumKK } as Tally;
    return [row.key as string, rounded(tally)];
  });
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

// What the rows say of every loop's learning, for a page of metrics. Read across loops, in one statement that touches small
// tables and indexes only: no interaction is counted, and looks only of experiments under way.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

const row = z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() });

/** One number, named as the metric that shows it. Times are seconds since 1970. Needs a transaction across loops. */
export type LoopFact = z.output<typeof row>;

export function readLoopFacts(tx: Transaction, asOf: Date): Promise<LoopFact[]> {
  return tx.rows(
    row,
    sql`
    select 'ratchet_pulses_total' as name, jsonb_build_object('loop', name) as labels, pulse_number::float8 as value from loop
    union all
    select 'ratchet_loop_paused', jsonb_build_object('loop', name), (paused_at is not null)::int from loop
    union all
    select 'ratchet_pulse_last_timestamp_seconds', jsonb_build_object('loop', loop.name), extract(epoch from last.as_of)::float8
    from loop cross join lateral (
      select as_of from pulse where pulse.loop = loop.name and due is not null order by number desc limit 1) last
    union all
    select 'ratchet_thumbs', jsonb_build_object('loop', loop, 'thumb', thumb), sum(case thumb when 'up' then up else down end)::float8
    from feedback_rollup cross join (values ('up'), ('down')) as side (thumb) group by loop, thumb
    union all
    select 'ratchet_cycles_total', jsonb_build_object('loop', loop, 'outcome', outcome), count(*)
    from cycle where outcome is not null group by loop, outcome
    union all
    select 'ratchet_cycle_open', jsonb_build_object('loop', loop, 'stage', stage), count(*)
    from cycle where outcome is null group by loop, stage
    union all
    select 'ratchet_training_runs', jsonb_build_object('loop', loop, 'trainer', trainer, 'status', status), count(*)
    from training_run group by loop, trainer, status
    union all
    select 'ratchet_training_reserved_usd', jsonb_build_object('loop', loop, 'period', period),
      coalesce(sum(reserved_micros) filter (where spent_micros is null and within), 0)::float8 / 1000000
    from budget_reservation cross join lateral (
      values ('ever', true), ('month', month = date_trunc('month', ${asOf}::timestamptz at time zone 'UTC')::date)) as time (period, within)
    group by loop, period
    union all
    select 'ratchet_training_spent_usd', jsonb_build_object('loop', loop, 'period', period),
      coalesce(sum(spent_micros) filter (where within), 0)::float8 / 1000000
    from budget_reservation cross join lateral (
      values ('ever', true), ('month', month = date_trunc('month', ${asOf}::timestamptz at time zone 'UTC')::date)) as time (period, within)
    group by loop, period
    union all
    select 'ratchet_experiments_total', jsonb_build_object('loop', loop, 'outcome', outcome), count(*)
    from experiment where status = 'closed' group by loop, outcome
    union all
    select 'ratchet_experiment_open', jsonb_build_object('loop', loop, 'status', status), count(*)
    from experiment where status <> 'closed' group by loop, status
    union all
    select 'ratchet_experiment_looks', jsonb_build_object('loop', look.loop, 'verdict', coalesce(look.verdict ->> 'kind', '')), count(*)
    from experiment join look on look.experiment_id = experiment.id
    where experiment.status <> 'closed' group by look.loop, look.verdict ->> 'kind'
    union all
    select 'ratchet_experiment_look_due_timestamp_seconds', jsonb_build_object('loop', experiment.loop),
      extract(epoch from coalesce(last.at, experiment.started_at))::float8 + 2 * (parameters ->> 'lookEvery')::float8 / 1000 + 60
    from experiment left join lateral (
      select at from look where look.experiment_id = experiment.id order by number desc limit 1) last on true
    where status <> 'closed'
    union all
    select 'ratchet_promotions_total', jsonb_build_object('loop', loop, 'kind', kind), count(*) from promotion group by loop, kind
    union all
    select 'ratchet_alerts_open', jsonb_build_object('loop', loop, 'kind', kind), count(*)
    from alert where closed_at is null group by loop, kind
    union all
    select 'ratchet_model_since_timestamp_seconds', jsonb_build_object('loop', loop, 'role', role, 'model', name),
      extract(epoch from role_since)::float8
    from model where role in ('champion', 'challenger', 'standby')
    union all
    select 'ratchet_slot_taken_timestamp_seconds',
      jsonb_build_object('loop', loop, 'holder', case when experiment_id is null then 'cycle' else 'experiment' end),
      extract(epoch from taken_at)::float8
    from slot where released_at is null`,
  );
}

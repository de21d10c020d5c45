-- Tallies of every metric, not of approval alone. What a metric's key means: docs/decisions/0029.
alter table unit_tally alter column y_micros type numeric; -- money, and what applications send, in millionths: beyond a bigint
comment on column unit_tally.variant is 'the one of the unit''s row for rated; crossed: it met both variants, or is in two strata, and counts for none';
comment on column unit_tally.y_micros is 'sum of outcomes, in millionths';

-- Experiments under way get the new tallies from what was said and rated so far, in every loop, which the owner sees only
-- without force. Their frozen parameters name no metrics of feedback and no latency to be slower than.
alter table interaction no force row level security;
alter table rating no force row level security;
alter table experiment no force row level security;
alter table unit_tally no force row level security;
alter table variant_tally no force row level security;
delete from variant_tally using experiment where experiment.id = experiment_id and experiment.status <> 'closed';
delete from unit_tally using experiment where experiment.id = experiment_id and experiment.status <> 'closed';
with said as (
  select interaction.* from interaction join experiment on experiment.id = interaction.experiment_id
  where experiment.status <> 'closed' and interaction.unit is not null
), person as (
  select loop, experiment_id, phase, unit,
    case when count(distinct (variant, stratum)) = 1 then min(variant) else 'crossed' end as variant,
    case when count(distinct (variant, stratum)) = 1 then min(stratum) else 0 end as stratum
  from said group by loop, experiment_id, phase, unit
), thumb as (
  select said.loop, said.experiment_id, said.phase, said.unit, metric, ((rating.value #>> '{}')::numeric > 0)::int as y,
    row_number() over (partition by said.experiment_id, said.phase, said.unit, metric
      order by rating.interaction_id, rating.rater collate "C") as place
  from said join rating on rating.loop = said.loop and rating.interaction_id = said.id and rating.counted
  cross join lateral (values ('approval'), ('approval/' || rating.action_type)) as key (metric)
  where rating.name = 'thumb' and jsonb_typeof(rating.value) = 'number' and rating.value <> '0'
), outcome as (
  select loop, experiment_id, phase, unit, metric, y, 1 as k
  from said cross join lateral (values ('rated', 0), ('error', (error is not null)::int::numeric), ('cost', cost_micros), ('quality', quality::numeric))
    as outcome (metric, y)
  where y is not null
  union all select loop, experiment_id, phase, unit, metric, y, 1 from thumb where place <= 10
  union all select loop, experiment_id, phase, unit, 'rated', 1, 0 from thumb where metric = 'approval'
)
insert into unit_tally (loop, experiment_id, phase, metric, unit, variant, stratum, y_micros, k)
select loop, experiment_id, phase, metric, unit, person.variant, person.stratum, sum(round(y * 1000000)), sum(k)
from outcome join person using (loop, experiment_id, phase, unit)
group by loop, experiment_id, phase, metric, unit, person.variant, person.stratum;
insert into variant_tally (loop, experiment_id, phase, metric, variant, stratum, users, sum_y, sum_k, sum_yy, sum_yk, sum_kk)
select unit.loop, experiment_id, phase, metric, variant, stratum, count(*) filter (where k > 0), sum(y), sum(k), sum(y * y), sum(y * k), sum(k * k)
from (select unit_tally.*, y_micros * 0.000001 as y from unit_tally) as unit
join experiment on experiment.id = experiment_id and experiment.status <> 'closed'
group by unit.loop, experiment_id, phase, metric, variant, stratum;
alter table interaction force row level security;
alter table rating force row level security;
alter table experiment force row level security;
alter table unit_tally force row level security;
alter table variant_tally force row level security;

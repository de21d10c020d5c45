// What an experiment's units have given, counted from what was said and rated alone: what the kept tallies must come to.
import { type Sql, sql } from "../../db/sql.ts";
import { RATINGS_PER_UNIT } from "../../domain/experiment.ts";
import { interactionOutcomes, ratingOutcomes } from "./metric-outcomes.ts";
import { sideOfUnit } from "./tally-changes.ts";

/**
 * Rows as those of `unit_tally`: experiment_id, phase, metric, unit, variant, stratum, y_micros, k; of its probation too. It reads the
 * loop's interactions once.
 */
export const countedAfresh = (loop: string, experimentId: string): Sql => sql`
  with said as (
    select id, experiment_id, phase, unit, variant, stratum, error, latency_us, cost_micros, quality from interaction -- not what was said
    where interaction.loop = ${loop} and interaction.experiment_id = ${experimentId} and interaction.unit is not null
  ), person as (
    select phase, unit, ${sideOfUnit} from said group by phase, unit
  ), rated as (
    select interaction.phase, interaction.unit, outcome.metric, outcome.y,
      row_number() over (partition by interaction.phase, interaction.unit, outcome.metric
        order by rating.interaction_id, rating.rater collate "C") as place
    from said as interaction join experiment on experiment.id = interaction.experiment_id
    join rating on rating.loop = ${loop} and rating.interaction_id = interaction.id and rating.counted ${ratingOutcomes}
    where outcome.y is not null
  ), outcome as (
    select interaction.phase, interaction.unit, outcome.metric, outcome.y, 1 as k
    from said as interaction join experiment on experiment.id = interaction.experiment_id ${interactionOutcomes}
    where outcome.y is not null
    union all select phase, unit, metric, y, 1 from rated where place <= ${RATINGS_PER_UNIT}
    union all select phase, unit, 'rated', 1, 0 from rated where metric = 'approval'
  )
  select ${experimentId}::uuid as experiment_id, phase, metric, unit, person.variant, person.stratum, sum(round(y * 1000000)) as y_micros, sum(k) as k
  from outcome join person using (phase, unit) group by phase, metric, unit, person.variant, person.stratum`;

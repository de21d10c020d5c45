// Counts an experiment afresh, from what was said and rated: after something went wrong, and to prove that nothing did.
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { RATINGS_PER_UNIT } from "../../domain/experiment.ts";
import { carrying } from "./carry.ts";
import { interactionOutcomes, ratingOutcomes } from "./metric-outcomes.ts";
import { sideOfUnit } from "./tally-changes.ts";

/**
 * Replaces an experiment's tallies, of its probation too, by those that the raw rows give. Nobody's tallies move meanwhile,
 * and what others are just recording is counted by them, afterwards: it may be run at any time. It reads the loop's
 * interactions once, and belongs at the beginning of a transaction.
 */
export async function rebuildTallies(tx: Transaction, loop: string, experimentId: string): Promise<void> {
  await tx.run(sql`lock table unit_tally in exclusive mode`); // whoever counts holds a row of it until it has committed
  await tx.run(sql`delete from variant_tally where loop = ${loop} and experiment_id = ${experimentId}`);
  await tx.run(sql`delete from unit_tally where loop = ${loop} and experiment_id = ${experimentId}`);
  await tx.run(sql`
    with said as (
      select interaction.* from interaction
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
    insert into unit_tally (loop, experiment_id, phase, metric, unit, variant, stratum, y_micros, k)
    select ${loop}, ${experimentId}, phase, metric, unit, person.variant, person.stratum, sum(round(y * 1000000)), sum(k)
    from outcome join person using (phase, unit) group by phase, metric, unit, person.variant, person.stratum`);
  await tx.run(
    carrying(
      loop,
      sql`(
        select experiment_id, phase, metric, variant, stratum, y_micros, k, 1 as sign from unit_tally
        where loop = ${loop} and experiment_id = ${experimentId})`,
    ),
  );
}

// The routing document: all that assigning a unit needs, read in one go.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { Fault } from "../domain/fault.ts";
import { phasesOf } from "../domain/phases.ts";
import type { RoutingDocument } from "../evidence/assignment.ts";
import { parametersRow } from "./experiment/row.ts";

/** How long a document may be used without asking again. */
export const ROUTING_TTL = 30_000;

const row = z.object({
  version: z.number(),
  champion_id: z.string(),
  champion_name: z.string(),
  experiment_id: z.string().nullable(),
  status: z.enum(["running", "awaiting_approval", "probation"]).nullable(),
  salt: z.string().nullable(),
  parameters: parametersRow.nullable(),
  phases_open: z.number().nullable(),
  serve_until: z.date().nullable(),
  challenger_id: z.string().nullable(),
  challenger_name: z.string().nullable(),
  standby_id: z.string().nullable(),
  standby_name: z.string().nullable(),
});

/** The loop's routing as it is now, good until `now` + 30 seconds. */
export async function readRouting(tx: Transaction, loop: string, now: Date): Promise<RoutingDocument> {
  const found = await tx.maybe(
    row,
    sql`
    select loop.routing_version as version, champion.id as champion_id, champion.name as champion_name,
           experiment.id as experiment_id, experiment.status, experiment.salt, experiment.serve_until,
           experiment.parameters, experiment.phases_open,
           challenger.id as challenger_id, challenger.name as challenger_name, standby.id as standby_id, standby.name as standby_name
    from loop
    join model champion on champion.loop = loop.name and champion.role = 'champion'
    left join experiment on experiment.loop = loop.name and experiment.status <> 'closed'
    left join model challenger on challenger.id = experiment.challenger_id and challenger.role = 'challenger'
    left join model standby on standby.id = experiment.champion_id and standby.role = 'standby'
    where loop.name = ${loop}`,
  );
  if (found === null)
    throw new Fault("not_found", `there is no loop "${loop}"`, { hint: "ratchet loop list shows them" });
  const { experiment_id: id, salt, parameters, phases_open: open, serve_until: until } = found;
  const { challenger_id: challengerId, standby_id: standbyId } = found;
  const testAccounts = parameters?.testAccounts ?? [];
  const forced = testAccounts.length === 0 ? {} : { test_accounts: testAccounts };
  return {
    loop,
    version: found.version,
    expires_at: new Date(now.getTime() + ROUTING_TTL).toISOString(),
    champion: { id: found.champion_id, name: found.champion_name },
    experiment:
      id !== null && challengerId !== null && salt !== null && parameters !== null && open !== null && until !== null
        ? {
            id,
            challenger: { id: challengerId, name: found.challenger_name ?? "" },
            salt,
            share: parameters.share,
            entered: phasesOf(parameters)
              .slice(0, open)
              .map(({ entered }) => entered),
            ...forced,
            serve_until: until.toISOString(),
          }
        : null,
    probation:
      id !== null && standbyId !== null && salt !== null && parameters !== null
        ? {
            id,
            salt,
            standby: { id: standbyId, name: found.standby_name ?? "" },
            holdback: parameters.holdback,
            ...forced,
          }
        : null,
  };
}

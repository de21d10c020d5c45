// The routing document: all that assigning a unit needs, read in one go.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { Fault } from "../domain/fault.ts";
import type { RoutingDocument } from "../evidence/assignment.ts";

/** How long a document may be used without asking again. */
export const ROUTING_TTL = 30_000;

const row = z.object({
  version: z.number(),
  champion_id: z.string(),
  champion_name: z.string(),
  experiment_id: z.string().nullable(),
  status: z.enum(["running", "awaiting_approval", "probation"]).nullable(),
  salt: z.string().nullable(),
  share: z.number().nullable(),
  holdback: z.number().nullable(),
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
           (experiment.parameters->>'share')::float8 as share, (experiment.parameters->>'holdback')::float8 as holdback,
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
  const {
    salt,
    share,
    holdback,
    serve_until: serveUntil,
    challenger_id: challengerId,
    standby_id: standbyId,
    experiment_id: id,
  } = found;
  return {
    loop,
    version: found.version,
    expires_at: new Date(now.getTime() + ROUTING_TTL).toISOString(),
    champion: { id: found.champion_id, name: found.champion_name },
    experiment:
      id !== null && challengerId !== null && salt !== null && share !== null && serveUntil !== null
        ? {
            id,
            challenger: { id: challengerId, name: found.challenger_name ?? "" },
            salt,
            share,
            entered: [1],
            serve_until: serveUntil.toISOString(),
          }
        : null,
    probation:
      id !== null && standbyId !== null && salt !== null && holdback !== null
        ? { id, salt, standby: { id: standbyId, name: found.standby_name ?? "" }, holdback }
        : null,
  };
}

// Commands that may come twice: Temporal brings one again when a worker died before it could tell, and after a reset.
// Invariant: what was asked under a key has its effect once, and gets the same answer each time, a refusal too.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { canonicalJson } from "../../domain/canonical-json.ts";
import type { Asked, ExperimentCommand } from "../../domain/experiment.ts";
import { Fault } from "../../domain/fault.ts";
import { holdLoop } from "../hold-loop.ts";

/** Whether a command was carried out, and what became of the experiment; or why it was refused. */
const answer = z.union([
  z.object({ done: z.object({ status: z.string(), outcome: z.string().nullable() }) }),
  z.object({
    refused: z.object({
      code: z.enum(["invalid", "conflict"]),
      message: z.string(),
      hint: z.string().optional(),
      details: z.record(z.string(), z.unknown()),
    }),
  }),
]);
export type CommandAnswer = z.output<typeof answer>;

export interface CommandGiven {
  experimentId: string;
  /** The same each time that this command comes, and no other's. */
  key: string;
  asked: ExperimentCommand & Asked;
}

/** The answer that is on record, or that of `work`, which is then on record with all that `work` changed. */
export async function answeredOnce(
  tx: Transaction,
  loop: string,
  { experimentId, key, asked }: CommandGiven,
  at: Date,
  work: () => Promise<CommandAnswer>,
): Promise<CommandAnswer> {
  await holdLoop(tx, loop); // one at a time: the second finds what the first one wrote
  // Of what was asked, too: should a key ever come back for something else, that is another command.
  const askedSha256 = createHash("sha256").update(canonicalJson(asked)).digest("hex");
  const former = await tx.maybe(
    z.object({ answer }),
    sql`select answer from experiment_command where experiment_id::text = ${experimentId} and key = ${key} and asked_sha256 = ${askedSha256}`,
  );
  if (former !== null) return former.answer;
  const given = await work();
  await tx.run(sql`
    insert into experiment_command (experiment_id, loop, key, asked_sha256, answer, at)
    values (${experimentId}, ${loop}, ${key}, ${askedSha256}, ${JSON.stringify(given)}, ${at})`);
  return given;
}

/** The answer that a Fault is, or null for one that says nothing of the command: a dependency is away, there is no such experiment. */
export function refusalOf(error: unknown): CommandAnswer | null {
  if (!(error instanceof Fault) || (error.code !== "conflict" && error.code !== "invalid")) return null;
  const { code, message, hint, details } = error;
  return { refused: { code, message, ...(hint === undefined ? {} : { hint }), details } };
}

/** What became of the experiment. Throws the Fault that the refusal was. */
export function doneOf(given: CommandAnswer): { status: string; outcome: string | null } {
  if ("done" in given) return given.done;
  const { code, message, hint, details } = given.refused;
  throw new Fault(code, message, { ...(hint === undefined ? {} : { hint }), details });
}

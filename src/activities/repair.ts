// One repair of the reconciliation: the row, the audit and the alert change together, once for each run of a workflow.
import type { Transaction } from "../db/database.ts";
import { openAlert } from "../store/alerts.ts";
import { isAudited, recordAudit } from "../store/audit.ts";
import { holdLoop } from "../store/hold-loop.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";

export interface Repair {
  loop: string;
  /** "cycle/<id>", "experiment/<id>", "pulse/<time>". */
  subject: string;
  /** The run that it is about: each is spoken of once. Null: there was none. */
  run: string | null;
  at: Date;
  /** What the audit calls it; null where the change of the row is in the audit already. */
  action: string | null;
  /** Null: nobody need be told. */
  alert: "workflow_lost" | "workflow_reset" | null;
}

/** The kinds of alert that reconciling opens, and closes after a day. */
export const RECONCILED: ReadonlySet<string> = new Set(["workflow_lost", "workflow_reset"]);

/**
 * Does `mend`, which changes the row if it still needs to be, and returns what was done in words; null: nothing. Says so.
 * Returns what the pulse shows of it.
 */
export async function repair(
  deps: Pick<ActivityDeps, "db" | "log">,
  repaired: Repair,
  mend: (tx: Transaction) => Promise<string | null>,
): Promise<string[]> {
  return deps.db.withLoop(repaired.loop, async (tx) => {
    await holdLoop(tx, repaired.loop);
    const words = await mend(tx);
    return words === null ? [] : note(deps, tx, repaired, words);
  });
}

/** Says, once for each reset, that somebody reset a workflow by hand. */
export function sayReset(
  deps: Pick<ActivityDeps, "db" | "log">,
  about: Pick<Repair, "loop" | "subject" | "run" | "at">,
): Promise<string[]> {
  const action = about.subject.replace(/\/.*/, ".reset");
  const words =
    "its workflow was reset by hand: it goes on from an earlier point, and what is on record is not done again";
  return repair(deps, { ...about, action, alert: "workflow_reset" }, async () => words);
}

/** At the end of a workflow's work: whether a reset brought it there, which no pulse may have been in time to see. */
export async function sayIfReset(
  deps: Pick<ActivityDeps, "db" | "log" | "workflows">,
  about: Pick<Repair, "loop" | "subject" | "at">,
): Promise<void> {
  const { run, reset } = await deps.workflows.see(about.subject);
  if (reset) await sayReset(deps, { ...about, run });
}

/** Puts a repair into the audit and into an alert, unless it is there already. */
export async function note(
  { log }: Pick<ActivityDeps, "log">,
  tx: Transaction,
  { loop, subject, run, at, action, alert }: Repair,
  words: string,
): Promise<string[]> {
  if (action !== null) {
    if (run !== null && (await isAudited(tx, { loop, action, subject, run }))) return [];
    await recordAudit(tx, { loop, at, actor: LOOP_ITSELF, action, subject, reason: words, payload: { run } });
  }
  if (alert !== null) await openAlert(tx, loop, { kind: alert, subject, words, numbers: {} }, at);
  if (alert === "workflow_lost") log.warn({ event: "workflow_lost", loop, subject });
  return [`${subject}: ${words}`];
}

// What a loop does while it has nothing to learn: compare the champion with itself, where its settings ask for that.
import type { Transaction } from "../db/database.ts";
import { newId } from "../domain/id.ts";
import { idleWaits } from "../domain/idle-waits.ts";
import { freeze } from "../evidence/freeze.ts";
import { championBefore } from "../store/champion-before.ts";
import { beginAgainstItself } from "../store/experiment/against-itself.ts";
import { openExperiment } from "../store/experiment/row.ts";
import type { Loop } from "../store/loops.ts";
import { slotHolder } from "../store/slots.ts";
import { LOOP_ITSELF } from "./deps.ts";

/** Begins an A/A experiment when the loop is free and people rate; without a rating in the last days it could find nothing. */
export async function idle(
  tx: Transaction,
  { name, settings, pausedAt }: Loop,
  recentThumbs: number,
  at: Date,
): Promise<void> {
  const holder = (await slotHolder(tx, name))?.holder ?? null;
  if (idleWaits({ ...settings.experiment, paused: pausedAt !== null, recentThumbs, holder }) !== null) return;
  const reason = "nothing else is to be done: does it find the champion as good as itself?";
  const id = newId();
  const parameters = freeze(settings, await championBefore(tx, name, settings.experiment.primary, at), id);
  await beginAgainstItself(tx, name, { id, parameters, at }, { actor: LOOP_ITSELF, reason });
}

/** The A/A experiment that was begun as of this instant, if one was: its workflow is to be started. */
export async function begunIdle(tx: Transaction, loop: string, at: Date): Promise<string | null> {
  const open = await openExperiment(tx, loop);
  return open?.parameters.aa === true && open.started_at.getTime() === at.getTime() ? open.id : null;
}

// What an operator has done when tallies are in doubt: they are counted afresh from the raw rows, and what changed is on record.
import type { Transaction } from "../../db/database.ts";
import type { Asked } from "../../domain/experiment.ts";
import { recordAudit } from "../audit.ts";
import { announce } from "../events.ts";
import { type Comparison, compareTallies, isRight } from "./compare-tallies.ts";
import { rebuildTallies } from "./rebuild-tallies.ts";
import { loadExperiment } from "./row.ts";

/**
 * Replaces an experiment's tallies by what the raw rows give, whether it is open or closed, and says what was wrong. While nothing is
 * wrong nobody has to wait; else whoever records waits until it is put right. Looks are left as they were. Its transaction may have
 * read, and written nothing. A statement that takes too long ends it, with nothing changed.
 */
export async function recount(tx: Transaction, loop: string, id: string, asked: Asked, at: Date): Promise<Comparison> {
  await loadExperiment(tx, loop, id);
  const found = await compareTallies(tx, loop, id);
  if (!isRight(found)) {
    await rebuildTallies(tx, loop, id); // with what has been recorded since: it is told as it was found, to keep others waiting no longer
    await announce(tx, loop, "experiment.changed", id);
  }
  const subject = `experiment/${id}`;
  await recordAudit(tx, { loop, at, ...asked, action: "experiment.recount", subject, payload: found });
  return found;
}

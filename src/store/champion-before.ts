// What the champion was like before an experiment: what the challenger is held to is frozen from it.
import type { Transaction } from "../db/database.ts";
import { championFigures, championMean } from "./experiment/champion-figures.ts";
import { totalThumbs } from "./feedback/summary.ts";
import { championOf } from "./models.ts";

/** Nobody is harmed by an answer within a second, however fast the champion is; in microseconds. */
const NEVER_SLOW = 1_000_000;

export interface MeasuredBefore {
  /** The primary metric's; null where nothing was measured. */
  value: number | null;
  /** Answers that take longer are slow: its 95th percentile of latency, a second at least, in microseconds; null likewise. */
  slowAbove: number | null;
  /** Its mean, in millionths of a dollar; null likewise. */
  costPerInteraction: number | null;
}

/** As of an instant; `primary` is the metric's name in the loop's settings. Of approval, where the champion has few ratings, the loop's. */
export async function championBefore(
  tx: Transaction,
  loop: string,
  primary: string,
  asOf: Date,
): Promise<MeasuredBefore> {
  const { id: modelId } = await championOf(tx, loop);
  const figures = await championFigures(tx, loop, modelId, asOf);
  const { p95LatencyUs: p95, meanCostMicros: costPerInteraction } = figures;
  const primaryValue = async () => {
    if (primary === "quality") return figures.quality;
    if (primary !== "approval") return championMean(tx, loop, { modelId, name: primary, asOf });
    return figures.approval ?? (await approvalOf(tx, loop));
  };
  return {
    value: await primaryValue(),
    slowAbove: p95 === null ? null : Math.max(NEVER_SLOW, p95),
    costPerInteraction,
  };
}

async function approvalOf(tx: Transaction, loop: string): Promise<number | null> {
  const { up, down } = await totalThumbs(tx, loop);
  return up + down === 0 ? null : up / (up + down);
}

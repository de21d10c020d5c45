// Every half hour: put right what is left over, take in what is new, look at it, and begin a cycle when one is due.
import { ActivityFailure, type ActivityOptions, isCancellation, proxyActivities } from "@temporalio/workflow";
import type { Activities, HeavyActivities } from "../activities/index.ts";
import { heavy, own, show } from "./legible.ts";

const act = proxyActivities<Activities>(own);
const work = proxyActivities<HeavyActivities>(heavy);

/** How long a pulse prepares at most, in milliseconds: the next one goes on where it ended. */
const PREPARING = 600_000;
const idly: ActivityOptions = {
  ...heavy,
  startToCloseTimeout: "15 minutes",
  scheduleToStartTimeout: "1 minute", // nobody works at that queue, or all are busy
  retry: { maximumAttempts: 1 },
};

export interface PulseResult {
  number: number;
  due: boolean;
  reason: string;
  cycleId: string | null;
}

export async function pulse({ loop }: { loop: string }): Promise<PulseResult> {
  const asOf = Date.now(); // the start's own time: the same in every replay, and the pulse's identity
  show({ stage: "reconcile", what: "compares rows with their workflows", next: "collect what is new" });
  // It may have to ask trainers and to cancel jobs.
  await act.reconcile.executeWithOptions(
    { ...own, startToCloseTimeout: "5 minutes", summary: "rows whose workflow is gone" },
    [{ loop, asOf }],
  );
  // What came while no pulse could be may be millions of rows. An attempt goes on where the one before it ended.
  const { number } = await act.collect.executeWithOptions(
    { ...own, startToCloseTimeout: "10 minutes", summary: "stamp what is new" },
    [{ loop, asOf }],
  );
  show({
    stage: "analyse",
    what: `pulse ${number} looks at the loop's health`,
    next: "decide whether a retrain is due",
  });
  const decision = await act.analyse.executeWithOptions(
    { ...own, startToCloseTimeout: "5 minutes", summary: "health, alerts, is a retrain due?" },
    [{ loop, number, asOf }],
  );
  if (decision.cycleId !== null) {
    await act.startCycle.executeWithOptions({ ...own, summary: `start cycle/${decision.cycleId}` }, [
      { loop, cycleId: decision.cycleId },
    ]);
  } else await doHeavyWork(loop, number);
  show({
    stage: "done",
    what: `pulse ${number} is over`,
    why: decision.reason,
    next: "the schedule starts the next pulse",
    ...(decision.cycleId === null ? {} : { see: [`cycle/${decision.cycleId}`] }),
  });
  return { number, ...decision };
}

/**
 * What is heavy and can wait: prepares what is newly worth learning from, so that a snapshot need not, and packs old
 * snapshots' files. It is nothing that a pulse would fail for: the next one does it, and a cycle prepares by itself.
 */
async function doHeavyWork(loop: string, number: number): Promise<void> {
  show({ stage: "prepare", what: `pulse ${number} prepares what may be learned from`, next: "the next pulse" });
  try {
    const asked = { loop, of: { upTo: number }, asOf: Date.now(), mostMs: PREPARING };
    await work.prepare.executeWithOptions({ ...idly, summary: "redact, count and fingerprint what is new" }, [asked]);
    await work.archive.executeWithOptions({ ...idly, summary: "gzip the files of old snapshots" }, [
      { loop, asOf: Date.now() },
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

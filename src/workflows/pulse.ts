// Every half hour: put right what is left over, take in what is new, look at it, and begin a cycle when one is due.
import { proxyActivities } from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { own, show } from "./legible.ts";

const act = proxyActivities<Activities>(own);

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
  }
  show({
    stage: "done",
    what: `pulse ${number} is over`,
    why: decision.reason,
    next: "the schedule starts the next pulse",
    ...(decision.cycleId === null ? {} : { see: [`cycle/${decision.cycleId}`] }),
  });
  return { number, ...decision };
}

// Training, paid for once: the intent is on record first, a submission is tried once, and whoever is not sure
// whether it arrived waits until it cannot be under way any more and looks for the job before submitting again.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  sleep,
} from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { own, show } from "./legible.ts";

export type Trained =
  | { kind: "trained"; modelId: string; name: string }
  | { kind: "prepared" | "over_budget" | "training_failed"; reason: string };

/** Longer than a submission's HTTP time-out (20 s), and then some for lists that lag behind. */
const SETTLING = "30 seconds";
const UNDER_WAY = "a request may be under way: wait it out, then look for the job";
const SUBMISSIONS = 5;

const act = proxyActivities<Activities>(own);
const upload = { ...own, startToCloseTimeout: "30 minutes", heartbeatTimeout: "15 seconds" };
const once = { startToCloseTimeout: "1 minute", heartbeatTimeout: "10 seconds", retry: { maximumAttempts: 1 } };

export async function train(
  cycle: { loop: string; cycleId: string },
  snapshot: { examples: number; words: string },
): Promise<Trained> {
  show({
    stage: "train",
    what: `orders a training run on ${snapshot.examples} examples`,
    why: snapshot.words,
    next: "wait for the job",
  });
  const order = await act.orderTraining.executeWithOptions(
    { ...own, summary: "record the intent, reserve the money" },
    [{ ...cycle, asOf: Date.now() }],
  );
  if (order.kind !== "ordered") return order;
  const refused = (await bring(cycle, order.trainer)) ?? (await submitted(cycle, order.trainer));
  if (refused !== null) return giveUp(cycle, refused);

  show({ stage: "poll", what: `${order.trainer} is training`, next: "test the candidate on the gold set" });
  const result = await act.pollTraining
    .executeWithOptions(
      {
        startToCloseTimeout: "2 minutes",
        scheduleToCloseTimeout: order.deadlineMs,
        retry: { initialInterval: "5 seconds", maximumInterval: "1 minute" },
        summary: `wait for ${order.trainer}`,
      },
      [cycle],
    )
    .catch((error: unknown) => {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return { kind: "failed" as const, reason: "the job did not end in time (training.deadline)" };
    });
  if (result.kind === "succeeded") return { kind: "trained", modelId: result.modelId, name: result.name };
  return giveUp(cycle, result.reason);
}

async function giveUp(cycle: { loop: string; cycleId: string }, reason: string): Promise<Trained> {
  await act.cancelTraining.executeWithOptions({ ...own, summary: "leave no job behind" }, [{ ...cycle, reason }]);
  return { kind: "training_failed", reason };
}

/** Brings the files. Returns why not, when the trainer refuses for good. */
async function bring(cycle: { loop: string; cycleId: string }, trainer: string): Promise<string | null> {
  try {
    await act.uploadTraining.executeWithOptions({ ...upload, summary: `bring the files to ${trainer}` }, [cycle]);
    return null;
  } catch (error) {
    const cause = causeOf(error);
    if (cause?.type !== "TrainingRefused") throw error;
    return cause.message;
  }
}

/** Submits. Who cancels meanwhile waits, too: a job that is made after its cycle was cleaned up would run on unseen. */
async function submitted(cycle: { loop: string; cycleId: string }, trainer: string): Promise<string | null> {
  try {
    return await submit(cycle, trainer);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => sleep(SETTLING, { summary: UNDER_WAY }));
    throw error;
  }
}

/** Submits until a job is known. Returns why not, when the trainer refuses for good. */
async function submit(cycle: { loop: string; cycleId: string }, trainer: string): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act.submitTraining.executeWithOptions({ ...once, summary: `submit to ${trainer}, unless it is there` }, [
        cycle,
      ]);
      return null;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const cause = causeOf(error);
      if (cause?.type === "TrainingRefused") return cause.message;
      if (attempt >= SUBMISSIONS) return `no answer from ${trainer} in ${SUBMISSIONS} submissions`;
      const [told] = cause?.type === "TrainerBusy" ? (cause.details ?? []) : [];
      await sleep(typeof told === "number" ? Math.max(told, 1000) : SETTLING, {
        summary: typeof told === "number" ? "the trainer said to wait" : UNDER_WAY,
      });
    }
  }
}

/** What the activity said of its failure, if it got to say anything. */
function causeOf(error: unknown): ApplicationFailure | null {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : null;
}

// Training, paid for once: the intent is on record first, a submission is tried once, and whoever is not sure
// whether it arrived waits until it cannot be under way any more and looks for the job before submitting again.
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  rootCause,
  sleep,
  TimeoutFailure,
} from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { own, show } from "./legible.ts";

export type Trained =
  | { kind: "trained"; modelId: string; name: string }
  | { kind: "prepared" | "over_budget" | "training_failed"; reason: string };

/** What a cycle that is interrupted must know of its training. */
export interface TrainingState {
  /** A submission was sent and nobody knows whether it arrived. */
  unsure: boolean;
}

/** Longer than a submission may take in all (30 s), and then some for lists that lag behind. */
export const SETTLING = "45 seconds";
/** Submissions whose answer was not clear, before the cycle gives up. */
const UNCLEAR = 5;
/** How long a busy trainer is left alone at most, unless it asks for longer itself. */
const LONGEST_STEP = 300_000;

const act = proxyActivities<Activities>(own);
const upload = { ...own, startToCloseTimeout: "30 minutes", heartbeatTimeout: "15 seconds" };
const once = {
  startToCloseTimeout: "1 minute",
  heartbeatTimeout: "10 seconds",
  retry: { maximumAttempts: 1 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

type OfCycle = { loop: string; cycleId: string };

export async function train(
  cycle: OfCycle,
  snapshot: { examples: number; words: string },
  state: TrainingState,
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
  const refused = (await bring(cycle, order.trainer)) ?? (await submit(cycle, order, state));
  if (refused !== null) return fail(cycle, refused);

  show({ stage: "poll", what: `${order.trainer} is training`, next: "test the candidate on the gold set" });
  const result = await poll(cycle, order);
  return result.kind === "succeeded"
    ? { kind: "trained", modelId: result.modelId, name: result.name }
    : fail(cycle, result.reason);
}

/** No job may be left behind, and no money reserved for one. */
async function fail(cycle: OfCycle, reason: string): Promise<Trained> {
  await act.cancelTraining.executeWithOptions({ ...own, summary: "leave no job behind" }, [{ ...cycle, reason }]);
  return { kind: "training_failed", reason };
}

/** Brings the files to the trainer. Returns why not, when it refuses them. */
async function bring(cycle: OfCycle, trainer: string): Promise<string | null> {
  try {
    await act.uploadTraining.executeWithOptions({ ...upload, summary: `bring the files to ${trainer}` }, [cycle]);
    return null;
  } catch (error) {
    const cause = causeOf(error);
    if (cause?.type === "TrainingRefused") return `${trainer} refused the files: ${cause.message}`;
    throw error;
  }
}

/** Submits until a job is known. Returns why not, when the trainer refuses for good. */
async function submit(
  cycle: OfCycle,
  order: { trainer: string; deadlineMs: number },
  state: TrainingState,
): Promise<string | null> {
  const deadline = Date.now() + order.deadlineMs;
  for (let unclear = 0, busy = 0; Date.now() < deadline; ) {
    try {
      state.unsure = true;
      await act.submitTraining.executeWithOptions(
        { ...once, summary: `submit to ${order.trainer}, unless it is there` },
        [{ ...cycle, asOf: Date.now() }],
      );
      state.unsure = false;
      return null;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const cause = causeOf(error);
      if (cause?.type === "TrainingRefused" || cause?.type === "TrainerBusy") state.unsure = false;
      if (cause?.type === "TrainingRefused") return `${order.trainer} refused the job: ${cause.message}`;
      if (cause?.type?.startsWith("Fault.")) throw error;
      if (cause?.type === "TrainerBusy") {
        const [told] = (cause.details ?? []) as unknown[];
        // Ever longer: a day of "try again in a second" would be more history than a workflow may have.
        const least = Math.min(LONGEST_STEP, 1000 * 2 ** busy++);
        await sleep(typeof told === "number" ? Math.max(told, least) : least, { summary: "the trainer said to wait" });
        continue;
      }
      await sleep(SETTLING, { summary: "a request may be under way: wait it out, then look for the job" });
      unclear += 1;
      if (unclear >= UNCLEAR) return `no clear answer from ${order.trainer} to ${UNCLEAR} submissions`;
    }
  }
  return `${order.trainer} did not take the job in time (training.deadline)`;
}

async function poll(cycle: OfCycle, order: { trainer: string; deadlineMs: number }) {
  try {
    return await act.pollTraining.executeWithOptions(
      {
        startToCloseTimeout: "2 minutes",
        heartbeatTimeout: "10 seconds",
        scheduleToCloseTimeout: order.deadlineMs,
        retry: { initialInterval: "5 seconds", maximumInterval: "1 minute" },
        summary: `wait for ${order.trainer}`,
      },
      [cycle],
    );
  } catch (error) {
    // Out of time while it waits for its next attempt, the activity ends with what its last one said.
    const late =
      error instanceof ActivityFailure && (error.cause instanceof TimeoutFailure || error.retryState === "TIMEOUT");
    if (isCancellation(error) || !(late || causeOf(error) !== null) || causeOf(error)?.type?.startsWith("Fault."))
      throw error;
    const reason = late ? "the job did not end in time (training.deadline)" : (rootCause(error) ?? "unknown");
    return { kind: "failed" as const, reason };
  }
}

function causeOf(error: unknown): ApplicationFailure | null {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : null;
}

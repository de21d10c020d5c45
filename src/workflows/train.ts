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
import { CANCELLING, SETTLING, SUBMITTING, UPLOAD } from "../domain/submission-times.ts";
import { own, show } from "./legible.ts";

export type Trained =
  /** `note`: which trainer was closed to us, so that another made it; "" when none was. */
  | { kind: "trained"; modelId: string; name: string; note: string }
  | { kind: "prepared" | "over_budget" | "training_failed"; reason: string };

/** Submissions that may have left and whose answer was not clear, before the cycle gives up. */
const UNCLEAR = 5;
/** How long a busy trainer, or a database that is away, is left alone at most, unless the trainer asks for longer itself. */
const LONGEST_STEP = 300_000;

const act = proxyActivities<Activities>(own);
const upload = { ...own, startToCloseTimeout: UPLOAD.activity, heartbeatTimeout: "15 seconds" };
/** It asks a trainer about each of a cycle's runs. */
const cancelling = { ...own, startToCloseTimeout: CANCELLING };
const once = {
  startToCloseTimeout: SUBMITTING,
  heartbeatTimeout: "10 seconds",
  retry: { maximumAttempts: 1 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

type OfCycle = { loop: string; cycleId: string };
type OfAttempt = OfCycle & { attempt: number };
type Order = Awaited<ReturnType<Activities["orderTraining"]>>;
type Ordered = Extract<Order, { kind: "ordered" }>;
/** Why a trainer did not make a model; `closed`: it does not train for us any more, and another may. */
type Refused = { kind: "refused"; reason: string; closed: boolean };
type Made = { kind: "made"; modelId: string; name: string };

export async function train(cycle: OfCycle, snapshot: { examples: number; words: string }): Promise<Trained> {
  show({
    stage: "train",
    what: `orders a training run on ${snapshot.examples} examples`,
    why: snapshot.words,
    next: "wait for the job",
  });
  let note = "";
  for (let attempt = 1; ; attempt++) {
    const run = { ...cycle, attempt };
    const order = await act.orderTraining.executeWithOptions(
      { ...own, summary: `${attempt === 1 ? "" : `attempt ${attempt}: `}record the intent, reserve the money` },
      [{ ...run, asOf: Date.now() }],
    );
    if (order.kind === "prepared" || order.kind === "over_budget") return order;
    const made = await makeFrom(run, order);
    if (made.kind === "made") return { ...made, kind: "trained", note };
    const { reason, closed } = made;
    if (!closed || order.kind === "made" || order.fallback === null) return { kind: "training_failed", reason };
    note = ` (${reason}; ${order.fallback} trained instead)`;
    show({
      stage: "train",
      what: `orders a training run from ${order.fallback} instead`,
      why: reason,
      next: "wait for the job",
    });
  }
}

/** What an order comes to. One that was ordered before a reset has come to it already. */
function makeFrom(run: OfAttempt, order: Order): Made | Refused | Promise<Made | Refused> {
  if (order.kind === "ordered") return carryOut(run, order);
  return order.kind === "made" ? order : refusedFor(order.reason, true);
}

/** From an order to a model, or to why there is none; then no job is left behind, and no money reserved. */
async function carryOut(run: OfAttempt, order: Ordered): Promise<Made | Refused> {
  const refused = (await bring(run, order)) ?? (await submit(run, order));
  if (refused !== null) return fail(run, refused);
  show({ stage: "poll", what: `${order.trainer} is training`, next: "test the candidate on the gold set" });
  const result = await poll(run, order);
  return result.kind === "succeeded"
    ? { kind: "made", modelId: result.modelId, name: result.name }
    : fail(run, refusedFor(result.reason));
}

async function fail(run: OfAttempt, refused: Refused): Promise<Refused> {
  const { reason, closed } = refused;
  await leaveNoJob({ ...run, reason, closed });
  return refused;
}

/** Ends the cycle's runs, or one of them, with no job left behind. A submission that may be under way is waited out first. */
export async function leaveNoJob(of: OfCycle & { attempt?: number; reason?: string; closed?: boolean }): Promise<void> {
  for (;;) {
    const { underWay } = await act.cancelTraining.executeWithOptions(
      { ...cancelling, summary: "leave no job behind" },
      [{ ...of, asOf: Date.now() }],
    );
    if (!underWay) return;
    await sleep(SETTLING, { summary: "a submission may be under way: wait it out" });
  }
}

const refusedFor = (reason: string, closed = false): Refused => ({ kind: "refused", reason, closed });

/** Brings the files to the trainer. Returns why not, when it refuses them, or does not take them in time. */
async function bring(run: OfAttempt, { trainer, deadlineMs }: Ordered): Promise<Refused | null> {
  try {
    const brought = await act.uploadTraining.executeWithOptions(
      { ...upload, scheduleToCloseTimeout: deadlineMs, summary: `bring the files to ${trainer}` },
      [{ ...run, asOf: Date.now() }],
    );
    return brought.kind === "closed" ? refusedFor(brought.reason, true) : null;
  } catch (error) {
    const cause = causeOf(error);
    if (cause?.type === "TrainingRefused") return refusedFor(`${trainer} refused the files: ${cause.message}`);
    if (isLate(error)) return refusedFor(`${trainer} did not take the files in time (training.deadline)`);
    throw error;
  }
}

/** Submits until a job is known. Returns why not, when the trainer refuses for good. */
async function submit(run: OfAttempt, order: Ordered): Promise<Refused | null> {
  const { trainer } = order;
  const deadline = Date.now() + order.deadlineMs;
  for (let unclear = 0, delayed = 0; Date.now() < deadline; ) {
    try {
      const brought = await act.submitTraining.executeWithOptions(
        { ...once, summary: `submit to ${trainer}, unless it is there` },
        [{ ...run, asOf: Date.now() }],
      );
      return brought.kind === "closed" ? refusedFor(brought.reason, true) : null;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const cause = causeOf(error);
      if (cause?.type === "TrainingRefused") return refusedFor(`${trainer} refused the job: ${cause.message}`);
      if (cause?.type?.startsWith("Fault.")) throw error;
      if (mayHaveLeft(cause)) {
        await sleep(SETTLING, { summary: "a request may be under way: wait it out, then look for the job" });
        unclear += 1;
        if (unclear >= UNCLEAR) return refusedFor(`no clear answer from ${trainer} to ${UNCLEAR} submissions`);
        continue;
      }
      const [told] = (cause?.details ?? []) as unknown[];
      // Ever longer: a day of "try again in a second" would be more history than a workflow may have.
      const least = Math.min(LONGEST_STEP, 1000 * 2 ** delayed++);
      const wait = typeof told === "number" ? Math.max(told, least) : least;
      const left = Math.max(1, deadline - Date.now()); // longer would only hold the loop's slot
      const why = cause?.type === "TrainerBusy" ? "the trainer said to wait" : "what is in the way may pass: try again";
      await sleep(Math.min(wait, left), { summary: why });
    }
  }
  return refusedFor(`${trainer} did not take the job in time (training.deadline)`);
}

/** Whether a submission that failed may have left. One that timed out, or whose worker was lost, could not say. */
function mayHaveLeft(cause: ApplicationFailure | null): boolean {
  return cause === null || cause.type === "TrainingUnsure";
}

async function poll(run: OfAttempt, order: Ordered) {
  try {
    return await act.pollTraining.executeWithOptions(
      {
        startToCloseTimeout: "2 minutes",
        heartbeatTimeout: "10 seconds",
        scheduleToCloseTimeout: order.deadlineMs,
        retry: { initialInterval: "5 seconds", maximumInterval: "1 minute" },
        summary: `wait for ${order.trainer}`,
      },
      [run],
    );
  } catch (error) {
    const late = isLate(error);
    if (isCancellation(error) || !(late || causeOf(error) !== null) || causeOf(error)?.type?.startsWith("Fault."))
      throw error;
    const reason = late ? "the job did not end in time (training.deadline)" : (rootCause(error) ?? "unknown");
    return { kind: "failed" as const, reason };
  }
}

/** Out of time while it waits for its next attempt, an activity ends with what its last one said. */
function isLate(error: unknown): boolean {
  return error instanceof ActivityFailure && (error.cause instanceof TimeoutFailure || error.retryState === "TIMEOUT");
}

function causeOf(error: unknown): ApplicationFailure | null {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : null;
}

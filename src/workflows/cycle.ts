// One pass of learning: from what people said to a candidate that may be tried. This file is the story.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  rootCause,
  sleep,
} from "@temporalio/workflow";
import type { Activities, HeavyActivities } from "../activities/index.ts";
import type { CycleOutcome } from "../domain/cycle.ts";
import { heavy, long, own, show } from "./legible.ts";
import { leaveNoJob, train } from "./train.ts";

const act = proxyActivities<Activities>(own);
const work = proxyActivities<HeavyActivities>(heavy);

/** How long one step of preparing goes on at most, in milliseconds; the next goes on where it ended. */
const PREPARING = 1_200_000;

export interface CycleInput {
  loop: string;
  cycleId: string;
}
export interface CycleResult {
  outcome: CycleOutcome;
  reason: string;
}

export async function cycle(input: CycleInput): Promise<CycleResult> {
  try {
    return await learn(input);
  } catch (error) {
    return CancellationScope.nonCancellable(() => giveUp(input, error));
  }
}

async function learn(input: CycleInput): Promise<CycleResult> {
  const { loop, cycleId } = input;

  show({ stage: "generate", what: "chooses what the model may learn from", next: "train a candidate" });
  const snapshot = await makeSnapshot(input);
  if (snapshot.kind === "empty") return end(input, "nothing_to_learn", snapshot.words);

  const trained = await train(input, snapshot);
  if (trained.kind !== "trained") return end(input, trained.kind, trained.reason);

  show({ stage: "evaluate", what: `tests ${trained.name} on the gold set`, next: "try it on a slice of the traffic" });
  const report = await act.evaluate.executeWithOptions(
    { ...long, scheduleToCloseTimeout: "12 hours", summary: `the gate for ${trained.name}` },
    [{ loop, cycleId, modelId: trained.modelId, asOf: Date.now() }],
  );
  if (!report.passed) return end(input, "gate_failed", report.reason);

  show({ stage: "experiment", what: `${trained.name} passed the gate`, why: report.reason, next: "the experiment" });
  const begun = await act.beginExperiment.executeWithOptions(
    { ...own, summary: `begin the experiment of ${trained.name}` },
    [{ loop, cycleId, modelId: trained.modelId, asOf: Date.now() }],
  );
  await act.startExperiment.executeWithOptions({ ...own, summary: `start experiment/${begun.experimentId}` }, [
    { loop, experimentId: begun.experimentId },
  ]);
  return end(
    input,
    begun.promoted ? "promoted" : "experiment",
    `${trained.name} is ${begun.promoted ? "champion: experiments are switched off" : "being tried"}${trained.note}`,
    begun.experimentId,
  );
}

/** Once all is prepared; while workers of two versions are there, each may prepare in its own way first. */
async function makeSnapshot(input: CycleInput) {
  for (;;) {
    await prepareAll(input);
    const snapshot = await work.generate.executeWithOptions({ ...heavy, summary: "make the snapshot" }, [input]);
    if (snapshot.kind !== "unprepared") return snapshot;
    await sleep("10 seconds", { summary: "another version prepared: again" });
  }
}

/** What pulses have not prepared yet: little, unless the settings changed or much came at once. */
async function prepareAll({ loop, cycleId }: CycleInput): Promise<void> {
  for (let isDone = false; !isDone; ) {
    const options = { ...heavy, summary: "prepare what is not prepared yet" };
    const asked = { loop, of: { cycleId }, asOf: Date.now(), mostMs: PREPARING };
    ({ isDone } = await work.prepare.executeWithOptions(options, [asked]));
  }
}

/** Ends the cycle's row. One that has ended already keeps its end, and that is the result. */
async function end(
  { loop, cycleId }: CycleInput,
  outcome: CycleOutcome,
  reason: string,
  experimentId: string | null = null,
): Promise<CycleResult> {
  const ended = await act.endCycle.executeWithOptions({ ...own, summary: outcome }, [
    { loop, cycleId, outcome, reason, asOf: Date.now() },
  ]);
  show({
    stage: "done",
    what: `the cycle is over: ${ended.outcome.replaceAll("_", " ")}`,
    why: ended.reason,
    next: experimentId === null ? "nothing" : "the experiment, a workflow of its own",
    see: experimentId === null ? [] : [`experiment/${experimentId}`],
  });
  return ended;
}

/** Cancelled, or failed beyond retrying: nothing may go on costing money, and the slot must be free again. */
async function giveUp(input: CycleInput, error: unknown): Promise<CycleResult> {
  const cancelled = isCancellation(error);
  const reason = cancelled ? "it was cancelled" : reasonOf(error);
  await leaveNoJob(cancelled ? input : { ...input, reason });
  const ended = await end(input, cancelled ? "cancelled" : "failed", reason);
  if (cancelled || (ended.outcome === "failed" && error instanceof ActivityFailure)) throw error;
  if (ended.outcome === "failed") throw ApplicationFailure.nonRetryable(reason, "CycleFailed"); // a plain error would be retried for ever
  return ended; // an operator ended the row before: the workflow only heard of it now
}

function reasonOf(error: unknown): string {
  if (error instanceof ActivityFailure) return rootCause(error) ?? "unknown";
  return error instanceof Error ? error.message : String(error);
}

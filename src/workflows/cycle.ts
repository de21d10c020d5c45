// One pass of learning: from what people said to a candidate that may be tried. This file is the story.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  rootCause,
} from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import type { CycleOutcome } from "../domain/cycle.ts";
import { long, own, show } from "./legible.ts";
import { train } from "./train.ts";

const act = proxyActivities<Activities>(own);

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
  const snapshot = await act.generate.executeWithOptions({ ...long, summary: "make the snapshot" }, [
    { loop, cycleId },
  ]);
  if (snapshot.kind === "empty") return end(input, "nothing_to_learn", snapshot.words);

  const trained = await train(input, snapshot);
  if (trained.kind !== "trained") return end(input, trained.kind, trained.reason);

  show({ stage: "evaluate", what: `tests ${trained.name} on the gold set`, next: "try it on a slice of the traffic" });
  const report = await act.evaluate.executeWithOptions({ ...long, summary: `the gate for ${trained.name}` }, [
    { loop, cycleId, modelId: trained.modelId },
  ]);
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
    begun.promoted ? `${trained.name} is champion: experiments are switched off` : `${trained.name} is being tried`,
  );
}

async function end({ loop, cycleId }: CycleInput, outcome: CycleOutcome, reason: string): Promise<CycleResult> {
  show({ stage: "done", what: `ended: ${outcome}`, why: reason, next: "nothing: the cycle is over" });
  await act.endCycle.executeWithOptions({ ...own, summary: outcome }, [
    { loop, cycleId, outcome, reason, asOf: Date.now() },
  ]);
  return { outcome, reason };
}

/** Cancelled, or failed beyond retrying: nothing may go on costing money, and the slot must be free again. */
async function giveUp(input: CycleInput, error: unknown): Promise<CycleResult> {
  await act.cancelTraining.executeWithOptions({ ...own, summary: "leave no job behind" }, [input]);
  if (isCancellation(error)) {
    await end(input, "cancelled", "it was cancelled");
    throw error;
  }
  const reason =
    error instanceof ActivityFailure ? rootCause(error) : error instanceof Error ? error.message : String(error);
  await end(input, "failed", reason ?? "unknown");
  throw error instanceof ActivityFailure
    ? error
    : ApplicationFailure.create({ message: reason ?? "unknown", type: "CycleFailed", nonRetryable: true });
}

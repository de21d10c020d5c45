// How an assistant is doing by what people said of it, and whether they have said enough to train on.

export interface Thumbs {
  readonly up: number;
  readonly down: number;
}

export type Health = "excellent" | "good" | "needs_improvement";
export type Readiness = "not_ready" | "ready" | "optimal";

/** Percent of approval from which health is excellent, and good. */
const EXCELLENT = 85;
const GOOD = 75;

/** Share of thumbs up in percent with one decimal; 0 when there are none (the count stands beside it). */
export function approvalPercent({ up, down }: Thumbs): number {
  return up + down === 0 ? 0 : Math.round((1000 * up) / (up + down)) / 10;
}

/** By the rounded percentage, so that what is called excellent also reads as 85.0. */
export function healthOf(approval: number): Health {
  if (approval >= EXCELLENT) return "excellent";
  return approval >= GOOD ? "good" : "needs_improvement";
}

export interface ReadinessThresholds {
  readonly minFeedback: number;
  readonly optimalFeedback: number;
}

/** By the number of ratings since the last training run. */
export function readinessOf(feedback: number, thresholds: ReadinessThresholds): Readiness {
  if (feedback < thresholds.minFeedback) return "not_ready";
  return feedback >= thresholds.optimalFeedback ? "optimal" : "ready";
}

/** `learning_status` of the learning dashboard, in its spelling. */
export interface LearningStatus {
  readonly ready_for_training: boolean;
  readonly readiness: Readiness;
  /** Ratings since the last training run. */
  readonly feedback_count: number;
  /** Ratings that are still missing; 0 when ready. */
  readonly needed_for_training: number;
  /** Percent with one decimal, of all ratings. */
  readonly approval_rate: number;
  readonly health: Health;
}

/** Health by all thumbs, readiness by the ratings since the last training run. */
export function learningStatus(
  thumbs: Thumbs,
  feedbackSinceTraining: number,
  thresholds: ReadinessThresholds,
): LearningStatus {
  const readiness = readinessOf(feedbackSinceTraining, thresholds);
  const approval = approvalPercent(thumbs);
  return {
    ready_for_training: readiness !== "not_ready",
    readiness,
    feedback_count: feedbackSinceTraining,
    needed_for_training: Math.max(0, thresholds.minFeedback - feedbackSinceTraining),
    approval_rate: approval,
    health: healthOf(approval),
  };
}

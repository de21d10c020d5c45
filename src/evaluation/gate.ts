// The gate: whether a candidate may meet users at all, by the gold cases that it and the champion both answered.
import { bootstrapInterval, exactTail } from "./paired-test.ts";

/** One case answered by both; scores from 0 to 1. */
export interface GateCase {
  readonly id: string;
  readonly champion: number;
  readonly candidate: number;
  /** In the forgetting set: it guards what must not be lost, and does not count as improvement. */
  readonly forgetting?: boolean;
}

export interface GatePolicy {
  /** Least difference of the mean scores, from -1 to 1. */
  readonly minImprovement: number;
  /** How far the forgetting set's mean may fall, from 0 to 1. */
  readonly maxForgetting: number;
  /** Fewer cases (outside the forgetting set) decide nothing; 1 unless told. */
  readonly minCases?: number;
  /** Of the bootstrap; 1 unless told. */
  readonly seed?: number;
}

export interface GateComparison {
  readonly cases: number;
  readonly championMean: number;
  readonly candidateMean: number;
  readonly improvement: number;
  /** 95 % bootstrap interval of the improvement; null for fewer than two cases. */
  readonly interval: readonly [number, number] | null;
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  /** McNemar's exact test, two-sided: how surprising such a difference would be between equals. */
  readonly pValue: number;
}

export interface GateVerdict {
  /** "held": too few cases to decide either way. */
  readonly kind: "passed" | "failed" | "held";
  readonly reason: string;
  readonly comparison: GateComparison;
  /** The forgetting set's own comparison; null when it has no cases. */
  readonly forgetting: GateComparison | null;
  /** Cases that were right (a score of at least one half) before and are wrong now, and the other way round; those lost first. */
  readonly changedSides: readonly (GateCase & { readonly change: "lost" | "won" })[];
}

/** A loss that a fair coin would bring less often than this is taken for real. */
const SIGNIFICANT = 0.05;

/**
 * Judges in this order: too few cases hold; a forgetting set that fell too far fails; an improvement below the least fails;
 * a loss beyond chance fails even where the policy tolerates it by its size; else the candidate passes, a tie included when
 * the least improvement is 0: the experiment is the judge of what the gold set cannot tell apart.
 */
export function judgeGate(results: readonly GateCase[], policy: GatePolicy): GateVerdict {
  const seed = policy.seed ?? 1;
  const guarded = results.filter((one) => one.forgetting === true);
  const comparison = compare(
    results.filter((one) => one.forgetting !== true),
    seed,
  );
  const forgetting = guarded.length === 0 ? null : compare(guarded, seed);
  return { ...decide(comparison, forgetting, policy), comparison, forgetting, changedSides: changedSides(results) };
}

function decide(
  comparison: GateComparison,
  forgetting: GateComparison | null,
  policy: GatePolicy,
): Pick<GateVerdict, "kind" | "reason"> {
  const { cases, improvement, wins, losses } = comparison;
  const minCases = policy.minCases ?? 1;
  if (cases < minCases) return { kind: "held", reason: `${cases} of ${minCases} gold cases answered by both` };
  if (forgetting !== null && below(-policy.maxForgetting, forgetting.improvement)) {
    const fell = `the forgetting set fell by ${points(-forgetting.improvement)} on ${forgetting.cases} cases`;
    return { kind: "failed", reason: `${fell}, ${points(policy.maxForgetting)} allowed` };
  }
  const moved = `${improvement < 0 ? "falls" : "improves"} by ${points(Math.abs(improvement))} on ${cases} gold cases (${wins} won, ${losses} lost)`;
  if (below(policy.minImprovement, improvement))
    return { kind: "failed", reason: `${moved}, ${points(policy.minImprovement)} wanted` };
  if (improvement < 0 && exactTail(losses, wins) < SIGNIFICANT)
    return { kind: "failed", reason: `${moved}, more than chance explains` };
  return { kind: "passed", reason: `${moved}, ${points(policy.minImprovement)} wanted` };
}

function compare(results: readonly GateCase[], seed: number): GateComparison {
  const cases = results.length;
  // In the order of ids, so that the interval does not depend on which answer came first.
  const ordered = results.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const differences = ordered.map((one) => one.candidate - one.champion);
  const wins = differences.filter((difference) => difference > 0).length;
  const losses = differences.filter((difference) => difference < 0).length;
  const championMean = mean(ordered.map((one) => one.champion));
  const candidateMean = mean(ordered.map((one) => one.candidate));
  return {
    cases,
    championMean,
    candidateMean,
    improvement: candidateMean - championMean,
    interval: bootstrapInterval(differences, seed),
    wins,
    losses,
    ties: cases - wins - losses,
    pValue: Math.min(1, 2 * exactTail(Math.max(wins, losses), Math.min(wins, losses))),
  };
}

function changedSides(results: readonly GateCase[]): GateVerdict["changedSides"] {
  const change = (one: GateCase) => (one.champion >= 0.5 ? "lost" : "won") as "lost" | "won";
  return results
    .filter((one) => one.champion >= 0.5 !== one.candidate >= 0.5)
    .map((one) => ({ ...one, change: change(one) }))
    .sort((a, b) => (a.change < b.change ? -1 : a.change > b.change ? 1 : a.id < b.id ? -1 : 1));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sums of fractions such as 0.1 + 0.2 must not miss a limit by the last bit. */
function below(limit: number, value: number): boolean {
  return value < limit - 1e-9;
}

/** 0.025 → "2.5 points", of a hundred. */
function points(difference: number): string {
  const value = Math.round(difference * 1000) / 10;
  return `${value} ${value === 1 ? "point" : "points"}`;
}

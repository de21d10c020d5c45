// Is the challenger at least no worse, within a margin, in what is not the goal: errors, slow answers, cost, quality?

import { speakable } from "../claims.ts";
import { boundWidth, logEValue } from "../e-value.ts";
import { type Estimate, estimate, leastVariance, type Stratum } from "../estimate.ts";
import { amountsOf, counted, differenceOf, namesOf, sideBySide } from "../figures.ts";
import { type Metric, metricOf, signOf } from "../metric.ts";
import { MINIMUM_FOR_HARM } from "../minimum.ts";
import { sumOfTallies, type Tally, tallyFault } from "../tally.ts";
import type { Check } from "./check.ts";

/** What a guardrail asks, frozen at the start. */
export interface Guardrail {
  metric: string;
  better: "higher" | "lower";
  /** How much worse the challenger may be, in the metric's unit; above 0. */
  margin: number;
  /** Harm is proven when the challenger is surely worse by more than this: 0 for errors, the margin for the rest. */
  failAbove: number;
}

/** A guardrail with what was counted for it. */
export interface GuardrailEvidence extends Guardrail {
  strata: readonly Stratum[];
}

/** What the two sides are called where a person reads of them. */
type SidesCalled = Readonly<Record<keyof Stratum, string>>;
const IN_EXPERIMENT: SidesCalled = { challenger: "challenger", champion: "champion" };

/** Chance that a challenger beyond the margin is taken for one within it, over all looks. */
export const GUARDRAIL_ALPHA = 0.05;

/**
 * Non-inferiority within the margin M, by e-values with φ = M: with g how much worse the challenger is, it passes when g's upper bound
 * lies below M, fails when g's lower bound lies above `failAbove` at .05 / `among` (the number of guardrails), and is undecided else.
 * Passing goes by the larger variance, failing by V_wald. Undecided only keeps from promotion. A failed one rejects: users must not go on
 * meeting a model that provably does worse. What nobody ever sent for either model is not held against it.
 */
export function checkGuardrail(
  guardrail: GuardrailEvidence,
  among: number,
  called: SidesCalled = IN_EXPERIMENT,
): Check {
  const { metric: key, better, margin, strata } = guardrail;
  const metric = metricOf(key, better);
  const base = { name: `guardrail: ${key}`, alarm: false } as const;
  const undecided = (words: string): Check => ({ ...base, passed: false, acts: "blocks", words, numbers: {} });
  const waiting = (words: string): Check => ({ ...undecided(words), told: "not shown yet" });
  const { name, values } = namesOf(key);
  const one = values.replace(/s$/, "");

  const fault = strata
    .flatMap(({ champion, challenger }) => [champion, challenger])
    .map((tally) => tallyFault(tally, metric.kind))
    .find((found) => found !== null);
  if (fault !== undefined) return undecided(`${name} cannot be judged: ${fault}`);
  if (!(margin > 0 && margin < 1e100))
    return undecided(`${name} cannot be judged: its margin is ${margin}, not a number above 0`);

  const [champion, challenger] = (["champion", "challenger"] as const).map((side) =>
    sumOfTallies(strata.map((stratum) => stratum[side])),
  ) as [ReturnType<typeof sumOfTallies>, ReturnType<typeof sumOfTallies>];
  if (champion.sumK + challenger.sumK === 0)
    return {
      ...base,
      passed: true,
      told: "not checked",
      acts: "blocks",
      words: `${name} is not measured here`,
      numbers: {},
    };
  const found = estimate(strata, metric.kind);
  const { users, ratings } = MINIMUM_FOR_HARM;
  if (
    found === null ||
    Math.min(champion.users, challenger.users) < users ||
    Math.min(champion.sumK, challenger.sumK) < ratings
  )
    return waiting(
      `${name} needs ${ratings} ${values} from ${users} users on each side, and has ${counted(challenger.sumK, one, values)} from ${counted(challenger.users, "user")} of the ${called.challenger} and ${counted(champion.sumK, one, values)} from ${counted(champion.users, "user")} of the ${called.champion}`,
    );
  if (found.variance === 0 && key !== "cost")
    return waiting(`${name} is the same for everybody so far, and without differences nobody can say how sure this is`);
  return judged(guardrail, withFloor(found, metric, champion), metric, GUARDRAIL_ALPHA / Math.max(1, among));
}

/** Here either side may be the one with few answers: one in which nothing went wrong yet is not for that surely without a fault. */
function withFloor(found: Estimate, { kind }: Metric, champion: Tally): Estimate {
  if (kind !== "binary") return found;
  const missing = Math.max(0, leastVariance(champion) - found.championVariance);
  return { ...found, variance: found.variance + missing, nullVariance: found.nullVariance + missing };
}

function judged(guardrail: Guardrail, found: Estimate, metric: Metric, alphaFail: number): Check {
  const { metric: key, margin, failAbove } = guardrail;
  const { championRate, challengerRate, variance } = found;
  const worse = 0 - signOf(metric) * found.difference;
  const lower = worse - halfWidth(variance, alphaFail, margin);
  const upper = worse + halfWidth(Math.max(variance, found.nullVariance), GUARDRAIL_ALPHA, margin);
  const state = lower > failAbove ? "failed" : upper < margin ? "passed" : "undecided";
  const logEFail = speakable(worse - failAbove, variance, margin)
    ? logEValue(worse - failAbove, variance, margin)
    : null;
  return {
    name: `guardrail: ${key}`,
    passed: state === "passed",
    ...(state === "undecided" && Number.isFinite(upper) ? { told: "not shown yet" as const } : {}),
    acts: state === "failed" ? "rejects" : "blocks",
    alarm: false,
    words: wordsOf(key, found, { lower, upper, margin, state }),
    numbers: {
      championRate,
      challengerRate,
      worse,
      lower: finite(lower),
      upper: finite(upper),
      margin,
      failAbove,
      logEFail,
      variance: Math.max(variance, found.nullVariance),
    },
  };
}

/** Where every user had the same, on both sides, there is nothing to be unsure about; a margin out of all proportion tells nothing. */
function halfWidth(variance: number, alpha: number, phi: number): number {
  if (variance === 0) return 0;
  return speakable(phi, variance, phi) ? boundWidth(alpha, variance, phi) * Math.sqrt(variance) : Infinity;
}

interface Found {
  lower: number;
  upper: number;
  margin: number;
  state: "passed" | "undecided" | "failed";
}

function wordsOf(key: string, found: Estimate, { lower, upper, margin, state }: Found): string {
  const { name } = namesOf(key);
  const against = `${name} ${amountsOf(key, found.challengerRate, found.championRate)}`;
  const by = (amount: number, beside: number) =>
    sideBySide((value, more) => differenceOf(key, value, more).slice(1), amount, beside, 3);
  const [most, allowed] = by(Math.abs(upper), margin); // told only where it is above 0
  switch (state) {
    case "passed":
      return upper <= 0
        ? `${against}: surely no worse`
        : `${against}: worse by ${most} at most, and ${allowed} is allowed`;
    case "failed":
      return `${against}: surely worse, by ${by(lower, 0)[0]} at least`;
    case "undecided":
      return Number.isFinite(upper)
        ? `${against}: it may still be worse by ${most}, and ${allowed} is allowed; more answers will tell`
        : `${against}: the margin of ${allowed} is too far from what the values are like to judge by it`;
    default:
      return state satisfies never;
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

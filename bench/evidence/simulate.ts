// One simulated experiment of a week: people are assigned, ask and rate, and every half hour somebody looks.

import { type Assignment, assign } from "../../src/evidence/assignment.ts";
import { phiAtStart } from "../../src/evidence/e-value.ts";
import { NOTHING_ELSE } from "../../src/evidence/evidence.ts";
import type { VerdictPolicy } from "../../src/evidence/policy.ts";
import { judge } from "../../src/evidence/verdict.ts";
import { type Draws, drawsOf } from "./draws.ts";
import { naiveRule } from "./naive-rule.ts";
import { HOURS, LOOK_HOURS, type Population, type Visit, visits } from "./population.ts";
import { cappedSums, ratedSums } from "./sums.ts";
import { routingOf, type Traffic } from "./traffic.ts";

const HOUR = 3_600_000;
const START = Date.parse("2025-01-01T00:00:00.000Z");

export interface World {
  population: Population;
  traffic: Traffic;
  /** The challenger's true lift: 0.05 is 5 % better. */
  effect: number;
  /** The share of the challenger's ratings that are not given because they would be thumbs down. */
  silent?: number;
  /** The share of the champion's ratings that are not given though they would be thumbs up: the challenger's happy users say so more often. */
  zeal?: number;
  /** False counts all of a unit's ratings. */
  capped?: boolean;
  /**
   * Whether interactions are counted too, and by which share of the challenger as it was planned: the checks of the sample ratio and
   * of the feedback rate live on them. Null leaves both out.
   */
  plannedShare?: number | null;
  /** How long people look, in hours: the whole week, unless only its beginning matters. */
  hours?: number;
  /** Whether they look on after the verdict, to see when a check would fail. */
  lookOn?: boolean;
}

export interface Outcome {
  kind: "promote" | "harm" | "futile" | "hold";
  /** Hours until the verdict; those of the whole week for a hold. */
  hours: number;
  /** The first hour at which a person was asked to agree to a promotion. */
  asked: number | null;
  /** What the naive rule does when asked once, at 48 hours, and at every look until then. */
  naiveOnce: boolean;
  naiveOften: boolean;
  /** The first hour at which each check failed, by its name. */
  failed: Record<string, number>;
}

/** The experiment of a name; the same name gives the same experiment. */
export function simulate(world: World, name: string): Outcome {
  const { population, traffic, capped = true, plannedShare = null, hours: end = HOURS, lookOn = false } = world;
  const draws = drawsOf(name);
  const { users, byLook } = visits(population, draws);
  const assignmentOf = assignments(traffic, name);
  const strata = traffic.at(-1)!.entered.length;
  const sums = cappedSums(strata, capped);
  const rated = plannedShare === null ? null : ratedSums(strata);
  const naive = naiveRule();
  const likes = tastes(world, users, draws);
  const policy = { ...policyFor(population.approval), ...(plannedShare === null ? {} : { share: plannedShare }) };
  const outcome: Outcome = {
    kind: "hold",
    hours: end,
    asked: null,
    naiveOnce: false,
    naiveOften: false,
    failed: {},
  };
  let open = true;

  for (const [index, arrived] of byLook.slice(0, end / LOOK_HOURS).entries()) {
    let changed = false;
    for (const visit of arrived) {
      const { variant, stratum } = assignmentOf(visit);
      if (stratum === null || variant === "standby") continue; // has not entered yet
      const thumb = likes(visit, variant === "challenger");
      // A user who changes sides is two units, to whoever does not look closer.
      const unit = variant === "challenger" ? visit.user : visit.user + users;
      rated?.interact(stratum, variant, unit, thumb !== null);
      if (thumb === null) continue;
      naive.rate(variant, thumb);
      changed = sums.rate(stratum, variant, unit, visit.asked, thumb) || changed;
    }
    const hours = (index + 1) * LOOK_HOURS;
    if (hours <= 48) {
      const promotes = naive.promotes();
      outcome.naiveOften ||= promotes;
      if (hours === 48) outcome.naiveOnce = promotes;
    }
    if (!open && !lookOn) {
      if (hours >= 48) break;
      continue;
    }
    if (!changed && rated === null && hours !== 24 && hours !== 48) continue; // the verdict is that of the look before
    const counted = { elapsed: hours * HOUR, primary: sums.strata, ...(rated === null ? {} : { rated: rated.strata }) };
    const verdict = judge({ ...NOTHING_ELSE, ...counted }, policy);
    for (const check of verdict.checks) if (!check.passed) outcome.failed[check.name] ??= hours;
    if (verdict.kind === "hold" || !open) continue;
    if (verdict.kind === "promote" && verdict.asks) {
      outcome.asked ??= hours;
      continue; // nobody answers
    }
    open = false;
    outcome.kind = verdict.kind === "promote" ? "promote" : verdict.because === "harm" ? "harm" : "futile";
    outcome.hours = hours;
  }
  return outcome;
}

/** As the settings have it by default, with looks that go on for longer than the week. */
export function policyFor(approval: number): VerdictPolicy {
  return {
    minLift: 0.05,
    phi: phiAtStart(0.05, approval),
    minEvidence: 24 * HOUR,
    minDuration: 48 * HOUR,
    maxDuration: 336 * HOUR,
  };
}

/** The assignment at a visit, asked of the real function once for each user and step. */
function assignments(traffic: Traffic, salt: string): (visit: Visit) => Assignment {
  const steps = traffic.map((step) => ({
    from: step.from,
    routing: routingOf(step, salt),
    known: new Map<number, Assignment>(),
  }));
  return ({ user, asked }) => {
    const { routing, known } = steps.findLast(({ from }) => asked >= from)!;
    let assignment = known.get(user);
    if (assignment === undefined) {
      assignment = assign(routing, `user:${user}`, START);
      known.set(user, assignment);
    }
    return assignment;
  };
}

/** What a user gives at a visit: 1 for a thumb up, 0 for down, null for none. */
function tastes({ population, effect, silent = 0, zeal = 0 }: World, users: number, draws: Draws) {
  const { approval, correlation, ratingRate, drift, zealot } = population;
  const rates = { champion: approval, challenger: approval * (1 + effect) };
  const own = new Float64Array(users).fill(Number.NaN);
  // Withholding a share of all ratings takes a larger share of those that are thumbs down.
  const withheld = Math.min(1, silent / (1 - rates.challenger));
  const kept = Math.min(1, zeal / rates.champion);
  return ({ user, asked }: Visit, challenger: boolean): 0 | 1 | null => {
    if (ratingRate < 1 && draws.uniform() >= ratingRate) return null;
    if (zealot > 0 && user === users - 1) return 1;
    if (Number.isNaN(own[user])) own[user] = draws.beta(challenger ? rates.challenger : rates.champion, correlation);
    const liked = draws.uniform() < own[user]! - drift * Math.sin((2 * Math.PI * asked) / 24);
    if (!liked && challenger && withheld > 0 && draws.uniform() < withheld) return null;
    if (liked && !challenger && kept > 0 && draws.uniform() < kept) return null;
    return liked ? 1 : 0;
  };
}

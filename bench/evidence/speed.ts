// What judging costs: a tally's update, and a look, which costs the same however many people have rated.

import type { Stratum } from "../../src/evidence/estimate.ts";
import { NOTHING_ELSE } from "../../src/evidence/evidence.ts";
import { decide } from "../../src/evidence/rule.ts";
import { addUnit, EMPTY_TALLY, replaceUnit, type Tally } from "../../src/evidence/tally.ts";
import { judge } from "../../src/evidence/verdict.ts";
import { type BenchmarkReport, nanosecondsPerCall } from "../benchmark.ts";
import { drawsOf } from "./draws.ts";
import { gbstatsLook } from "./gbstats.ts";
import { policyFor } from "./simulate.ts";

const CALLS = 1_000;
const ROUNDS = 7;
const FEW = 1_000;
const MANY = 1_000_000;

/** A look at a million users may cost so many times one at a thousand. */
const MOST = 1.5;

/** Measures tallies and looks, and gbstats in the same run where it is there. */
export function measureSpeed(): Required<Pick<BenchmarkReport, "rows" | "limits" | "notes">> {
  const policy = policyFor(0.8);
  const few = stratumOf(FEW);
  const many = stratumOf(MANY);
  const look = (stratum: Stratum) => {
    const evidence = { ...NOTHING_ELSE, elapsed: 3_600_000, primary: [stratum], rated: [stratum] };
    return () => judge(evidence, policy).reason.length;
  };
  const rule = () => decide({ strata: [few], elapsed: 3_600_000, checks: [] }, policy).numbers!.lower;
  const [lookFew, lookMany, numbers] = sideBySide([look(few), look(many), rule]) as [number, number, number];
  const python = gbstatsLook(few, 1_000, ROUNDS);
  const tallies = measureTallies();
  const row = (name: string, subject: string, nanoseconds: number, peer: number) => ({
    case: name,
    subject,
    nanoseconds,
    ratio: nanoseconds / peer,
  });
  const group = `a look at ${FEW.toLocaleString("en-US")} users`;
  return {
    rows: [
      row("a rating", "sums added in place (floor)", tallies.floor, tallies.floor),
      row("a rating", "replaceUnit", tallies.replace, tallies.floor),
      row(group, "judge: numbers, checks, words, forecast", lookFew, lookFew),
      row("a look at 1,000,000", "the same", lookMany, lookFew),
      row(group, "decide: numbers and rule only", numbers, lookFew),
      ...("skipped" in python ? [] : [row(group, "gbstats (Python): numbers only", python.nanoseconds, lookFew)]),
    ],
    limits: [
      {
        limit: `a look at a million users costs at most ${MOST} times one at a thousand (${(lookMany / lookFew).toFixed(2)})`,
        holds: lookMany < MOST * lookFew,
      },
    ],
    notes: [
      `${(1e3 / tallies.replace).toFixed(1)} million tallies a second; assignments: npm run bench assignment`,
      "skipped" in python
        ? `no figure of gbstats: ${python.skipped}`
        : `gbstats takes ${(python.nanoseconds / lookFew).toFixed(1)} times a whole look of ours, and ${(python.nanoseconds / numbers).toFixed(1)} times our numbers and rule`,
    ],
  };
}

/** Median nanoseconds of each work; rounds take turns, so that a busy machine is as busy for all of them. */
function sideBySide(works: readonly (() => number)[]): number[] {
  const rounds = Array.from({ length: ROUNDS }, () => works.map((work) => nanosecondsPerCall(work, CALLS, 1)));
  return works.map((_, index) => rounds.map((times) => times[index]!).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!);
}

function measureTallies(): { replace: number; floor: number } {
  let tally: Tally = EMPTY_TALLY;
  const replace = nanosecondsPerCall((index) => {
    const k = 1 + (index % 9);
    tally = replaceUnit(index % 1000 === 0 ? EMPTY_TALLY : tally, { y: k - 1, k: k - 1 }, { y: k, k });
    return tally.sumK;
  });
  const sums = new Float64Array(6);
  const floor = nanosecondsPerCall((index) => {
    const k = 1 + (index % 9);
    for (let sum = 0; sum < 6; sum++) sums[sum]! += k;
    return sums[5]!;
  });
  return { replace, floor };
}

/** So many users with a rating each, a tenth of them with the challenger. */
function stratumOf(users: number): Stratum {
  const draws = drawsOf("speed");
  const stratum = { champion: EMPTY_TALLY, challenger: EMPTY_TALLY };
  for (let user = 0; user < users; user++) {
    const side = user % 10 === 0 ? "challenger" : "champion";
    stratum[side] = addUnit(stratum[side], { y: draws.uniform() < 0.8 ? 1 : 0, k: 1 });
  }
  return stratum;
}

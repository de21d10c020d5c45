import assert from "node:assert/strict";
import { test } from "node:test";
import type { Check } from "../../src/evidence/checks/check.ts";
import { estimate, type Stratum } from "../../src/evidence/estimate.ts";
import { MINIMUM_FOR_PROMOTION } from "../../src/evidence/minimum.ts";
import type { VerdictPolicy } from "../../src/evidence/policy.ts";
import type { VerdictFacts } from "../../src/evidence/rule.ts";
import { EMPTY_TALLY, tallyOf, type UnitTotals } from "../../src/evidence/tally.ts";
import { judgeFacts, type Verdict } from "../../src/evidence/verdict.ts";
import { seededRandom, shuffled } from "../../src/sandbox/seeded-random.ts";

const HOUR = 3_600_000;
const policy: VerdictPolicy = {
  minLift: 0.05,
  phi: 0.06,
  minEvidence: 24 * HOUR,
  minDuration: 48 * HOUR,
  maxDuration: 336 * HOUR,
};
const good = { champion: side(400, 0.6), challenger: side(100, 0.85) };
const bad = { champion: side(400, 0.8), challenger: side(100, 0.5) };
const alike = { champion: side(400, 0.8), challenger: side(40, 0.8) };

test("a challenger that is clearly better is promoted, with the numbers in words", () => {
  const verdict = look([good], 48);
  assert.equal(verdict.kind, "promote");
  assert.equal(
    verdict.reason,
    "promote: the challenger is better: lift +41.7 % (approval 85 % against 60 %), lower bound +18.2 pp, 400 ratings from 100 users " +
      "against 1,600 from 400. A model that is no better gets this far in at most 5 % of experiments. " +
      "Allowing for luck, expect about +21.4 pp.",
  );
});

test("nothing is promoted before minDuration", () => {
  const verdict = look([good], 47.9);
  assert.deepEqual([verdict.kind, verdict.because], ["hold", "too_early"]);
  assert.match(verdict.reason, /nothing is promoted before 2 days/);
});

test("a failed check blocks promotion and is named, and the same check passed does not", () => {
  const check = failing("sample ratio", "12 % of users for 10 %");
  const verdict = look([good], 60, {}, [{ ...failing("errors", "none"), passed: true }, check]);
  assert.deepEqual([verdict.kind, verdict.because], ["hold", "check_failed"]);
  assert.match(verdict.reason, /a check has not passed: sample ratio \(12 % of users for 10 %\)/);
  assert.doesNotMatch(verdict.reason, /errors/);
  assert.equal(look([good], 60, {}, [{ ...check, passed: true }]).kind, "promote");
});

test("a failed check does not keep harm from stopping the experiment", () => {
  assert.equal(look([bad], 1, {}, [failing("errors", "9 %")]).kind, "reject");
});

test("harm rejects at the first look that shows it, however early", () => {
  const verdict = look([bad], 0.5);
  assert.deepEqual([verdict.kind, verdict.because], ["reject", "harm"]);
  assert.match(verdict.reason, /^reject: the challenger is worse: lift −37\.5 % .*upper bound −\d/);
});

test("a lift out of reach stops the experiment, but not before minEvidence", () => {
  const futile = { champion: side(900, 0.8), challenger: side(300, 0.775) };
  const verdict = look([futile], 24);
  assert.deepEqual([verdict.kind, verdict.because], ["stop", "futile"]);
  assert.match(
    verdict.reason,
    /^stop: the wanted lift is out of reach: at best \+0\.9 %, and \+5 % is wanted\. Measured: lift −3\.1 %/,
  );
  assert.deepEqual(look([futile], 23.9).because, "undecided");
});

test("a better challenger with less than the wanted lift is held, and told from one that may be chance", () => {
  const better = { champion: side(20_000, 0.8), challenger: side(20_000, 0.825) };
  const held = look([better], 60, { minLift: 0.05 });
  assert.notEqual(held.kind, "promote");
  assert.match(
    look([better], 60, { minEvidence: 300 * HOUR }).reason,
    /is better, but by less than the wanted lift of \+5 %/,
  );
  assert.equal(look([better], 60, { minLift: 0.03 }).kind, "promote");
  assert.match(
    look([alike], 60).reason,
    /^hold: lift \+0 %, lower bound −[\d.]+ pp\. There is no difference to speak of \(approval 80 % against 80 %/,
  );
});

test("a stop tells the bound that has decided, and that lies below what is wanted, however close", () => {
  for (const rate of [0.805, 0.81, 0.815, 0.82]) {
    // The first look at which it is out of reach, when ever more people come: there the bound has only just fallen below.
    const sizes = Array.from({ length: 60 }, (_, step) => Math.round(100 * 1.12 ** step));
    const verdict = sizes
      .map((users) => look([{ champion: side(3 * users, 0.8), challenger: side(users, rate) }], 60))
      .find(({ because }) => because === "futile")!;
    const [, best, wanted] = /at best \+([\d.]+) %, and \+([\d.]+) % is wanted/.exec(verdict.reason)!;
    assert.ok(Number(best) < Number(wanted), verdict.reason);
    assert.ok(Number(best) > 4, `near the limit: ${verdict.reason}`);
    assert.ok(verdict.numbers!.upper / 0.8 > 0.05, "the bound for harm would not have said so");
  }
});

test("figures that differ do not look alike, and a bound that tells nothing is not told", () => {
  const close = { champion: side(40_000, 0.802), challenger: side(20_000, 0.8016) };
  assert.match(look([close], 60, { minEvidence: 300 * HOUR }).reason, /approval 80\.16 % against 80\.2 %/);
  const few = { champion: side(20, 0.8), challenger: side(2, 0.5, 1) };
  assert.match(look([few], 60).reason, /So far lift [^,]*, far too few to tell, 2 ratings from 2 users/);
  const short = { champion: side(60_000, 0.8), challenger: side(60_000, 0.8398) };
  assert.match(
    look([short], 60, { minEvidence: 300 * HOUR }).reason,
    /^hold: lift \+4\.97 %.*better, but by less than the wanted lift of \+5 %/,
  );
});

test("of the champion compared with itself no promotion is spoken of", () => {
  const better = { champion: side(400, 0.8), challenger: side(40, 0.83) };
  assert.match(look([better], 60).reason, /a promotion needs a lower bound above 0/);
  const { reason } = look([better], 60, { aa: true });
  assert.match(reason, /looks better, but the difference may still be chance \(/);
  assert.doesNotMatch(reason, /promot|at this traffic|If this goes on/);
});

test("a hold becomes a stop, out of time, at maxDuration, and a promotion stays one", () => {
  const verdict = look([alike], 336);
  assert.deepEqual([verdict.kind, verdict.because], ["stop", "out_of_time"]);
  assert.match(verdict.reason, /out of time after 14 days without an answer, so the champion stays\. At the end: lift/);
  assert.equal(look([good], 336).kind, "promote");
  assert.equal(look([], 336).because, "out_of_time");
});

test("too few users or ratings are held, and the words say how many are missing", () => {
  const few = { champion: side(400, 0.5), challenger: side(29, 1) };
  const verdict = look([few], 60);
  assert.deepEqual([verdict.kind, verdict.because], ["hold", "too_few"]);
  assert.match(verdict.reason, /29 of 30 users with the challenger/);
  // The same ratings from few users: clustered variances need users, not ratings.
  assert.equal(look([{ champion: side(400, 0.8), challenger: side(14, 0.2, 10) }], 60).because, "too_few");
  assert.equal(look([{ champion: side(14, 0.8, 10), challenger: side(400, 0.2) }], 60).because, "too_few");
  assert.ok(few.challenger.sumK > MINIMUM_FOR_PROMOTION.ratings);
});

test("empty, tiny, uniform and broken evidence is a typed hold without a single NaN, and never a promotion", () => {
  const one = tallyOf([{ y: 1, k: 1 }]);
  const none = { ...EMPTY_TALLY };
  const cases: [string, Stratum[], string][] = [
    ["no strata", [], "nothing_to_compare"],
    ["no ratings", [{ champion: none, challenger: none }], "nothing_to_compare"],
    ["ratings on one side", [{ champion: good.champion, challenger: none }], "nothing_to_compare"],
    [
      "sides that never meet",
      [
        { champion: good.champion, challenger: none },
        { champion: none, challenger: good.challenger },
      ],
      "nothing_to_compare",
    ],
    ["one user each", [{ champion: one, challenger: one }], "nothing_to_compare"],
    ["one user", [{ champion: good.champion, challenger: one }], "nothing_to_compare"],
    ["all thumbs up on both sides", [{ champion: side(400, 1), challenger: side(100, 1) }], "undecided"],
    ["all thumbs up with the challenger", [{ champion: side(400, 0.5), challenger: side(100, 1) }], "no_spread"],
    ["all thumbs down with the champion", [{ champion: side(400, 0), challenger: side(100, 0.5) }], "no_spread"],
    ["all thumbs down", [{ champion: side(400, 0), challenger: side(100, 0) }], "undecided"],
    ["everybody half content", [{ champion: units(400, 1, 2), challenger: units(100, 2, 3) }], "no_spread"],
    ["NaN", [{ ...good, challenger: { ...good.challenger, sumY: Number.NaN } }], "invalid"],
    ["infinite", [{ ...good, champion: { ...good.champion, sumKK: Infinity } }], "invalid"],
    ["negative", [{ ...good, challenger: { ...good.challenger, users: -1 } }], "invalid"],
    ["more thumbs up than ratings", [{ ...good, challenger: { ...good.challenger, sumY: 1e6 } }], "invalid"],
  ];
  for (const [name, strata, because] of cases) {
    const verdict = look(strata, 20);
    assert.deepEqual([verdict.kind, verdict.because], ["hold", because], name);
    assertSpeakable(verdict);
    assert.notEqual(look(strata, 400).kind, "promote", name);
    assert.notEqual(look(strata, 60).kind, "promote", name);
  }
});

test("a policy or a clock that is not a number is a typed hold that names it", () => {
  for (const [name, value] of [
    ["phi", 0],
    ["phi", Number.NaN],
    ["minLift", -0.1],
    ["minDuration", Number.NaN],
    ["minEvidence", Number.NaN],
    ["maxDuration", Number.NaN],
  ] as const) {
    const verdict = look([good], 60, { [name]: value });
    assert.deepEqual([verdict.kind, verdict.because], ["hold", "invalid"], name);
    assert.match(verdict.reason, new RegExp(`frozen ${name} is ${value}`));
  }
  for (const hours of [Number.NaN, Infinity, -1]) assert.equal(look([good], hours).because, "invalid", `${hours}`);
  assert.match(
    look([good], 60, { alpha: { promote: 2, harm: 0.05, futile: 0.1 } }).reason,
    /error rate for promote is 2/,
  );
});

test("permuting the users changes nothing", () => {
  const random = seededRandom(3);
  const users = Array.from({ length: 150 }, (): UnitTotals => {
    const k = 1 + Math.floor(random() * 8);
    return { y: Math.floor(random() * (k + 1)), k };
  });
  const verdict = look([{ champion: good.champion, challenger: tallyOf(users) }], 60);
  for (let round = 0; round < 20; round++) {
    assert.deepEqual(look([{ champion: good.champion, challenger: tallyOf(shuffled(users, random)) }], 60), verdict);
  }
});

test("equal strata say the same as the one stratum they make together", () => {
  const whole = estimate([{ champion: side(400, 0.75), challenger: side(200, 0.8) }])!;
  const halves = estimate(Array(2).fill({ champion: side(200, 0.75), challenger: side(100, 0.8) }))!;
  for (const key of ["championRate", "challengerRate", "difference", "variance", "nullVariance"] as const) {
    assert.ok(Math.abs(halves[key] - whole[key]) < 1e-12, key);
  }
});

test("binary values have a floor of their own under their variance; others are never surer of themselves than the other side is", () => {
  const strata = [{ champion: side(400, 0.8), challenger: units(50, 4, 4) }];
  const variance = (kind: "binary" | "fraction" | "number", of = strata) => estimate(of, kind)!.challengerVariance;
  assert.ok(variance("binary") > 0 && variance("fraction") >= variance("binary"));
  const found = estimate(strata, "number")!;
  assert.equal(found.challengerVariance, (found.championVariance * 1600) / 200, "with an eighth of the values");
  const mirrored = estimate([{ champion: units(50, 4, 4), challenger: side(400, 0.8) }], "number")!;
  assert.ok(mirrored.championVariance > 7 * mirrored.challengerVariance, "the champion too");
  const bunched = [{ champion: side(400, 0.8), challenger: side(50, 0.8) }];
  assert.ok(variance("fraction", bunched) < variance("binary", bunched), "users this much alike are above no floor");
  assert.equal(variance("fraction", bunched), variance("number", bunched));
  assert.equal(estimate([{ champion: units(50, 4, 4), challenger: units(50, 4, 4) }], "number")!.variance, 0);
});

test("numbers are estimated like shares: on another scale the lift is the same, and the variance goes with its square", () => {
  const strata = [{ champion: side(400, 0.75), challenger: side(200, 0.8) }];
  const scale = ({ champion, challenger }: Stratum): Stratum => ({
    champion: times(champion),
    challenger: times(challenger),
  });
  const times = (tally: Stratum["champion"]) => ({
    ...tally,
    sumY: -40 * tally.sumY,
    sumYY: 1600 * tally.sumYY,
    sumYK: -40 * tally.sumYK,
  });
  const [plain, scaled] = [estimate(strata, "number")!, estimate(strata.map(scale), "number")!];
  assert.ok(Math.abs(scaled.difference + 40 * plain.difference) < 1e-9);
  assert.ok(Math.abs(scaled.lift! + plain.lift!) < 1e-9, "below 0, more is less");
  assert.ok(Math.abs(scaled.variance / plain.variance - 1600) < 1e-6);
});

test("strata keep a ramp from taking the time of day for the model", () => {
  // Alike within each stratum, but most challenger ratings fall where everybody is more content.
  const strata = [
    { champion: side(900, 0.6), challenger: side(100, 0.6) },
    { champion: side(500, 0.8), challenger: side(500, 0.8) },
  ];
  assert.ok(Math.abs(estimate(strata)!.difference) < 1e-12);
});

test("ratings that come in bunches by user make the variance larger", () => {
  const spread = Array.from({ length: 400 }, (_, index) => ({ y: index % 5 === 0 ? 0 : 1, k: 1 }));
  const bunched = Array.from({ length: 100 }, (_, index) => ({ y: index % 5 === 0 ? 0 : 4, k: 4 }));
  const { champion } = alike;
  const variance = (users: UnitTotals[]) => estimate([{ champion, challenger: tallyOf(users) }])!.challengerVariance;
  assert.ok(variance(bunched) > 3.9 * variance(spread));
});

function failing(name: string, words: string): Check {
  return { name, passed: false, acts: "blocks", alarm: false, words, numbers: {} };
}

function look(
  strata: Stratum[],
  hours: number,
  change: Partial<VerdictPolicy> = {},
  checks: VerdictFacts["checks"] = [],
): Verdict {
  const verdict = judgeFacts({ strata, elapsed: hours * HOUR, checks }, { ...policy, ...change });
  assert.ok(verdict.reason.startsWith(`${verdict.kind}: `), verdict.reason);
  return verdict;
}

/** No NaN and no infinity anywhere, so that the verdict survives JSON. */
function assertSpeakable(verdict: Verdict): void {
  assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
  if (verdict.because !== "invalid") assert.doesNotMatch(verdict.reason, /NaN|Infinity|undefined|null/);
}

/** Users who each gave `k` ratings: the share of thumbs up as wanted, one thumb more or less from user to user. */
function side(users: number, rate: number, k = 4) {
  let owed = 0;
  return tallyOf(
    Array.from({ length: users }, () => {
      owed += rate * k;
      const y = Math.round(owed);
      owed -= y;
      return { y, k };
    }),
  );
}

function units(users: number, y: number, k: number) {
  return tallyOf(Array.from({ length: users }, () => ({ y, k })));
}

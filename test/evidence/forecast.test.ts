import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING_ELSE } from "../../src/evidence/evidence.ts";
import type { VerdictPolicy } from "../../src/evidence/policy.ts";
import type { Tally } from "../../src/evidence/tally.ts";
import { judge } from "../../src/evidence/verdict.ts";
import { exposed, side } from "./sides.ts";

const HOUR = 3_600_000;
const policy: VerdictPolicy = {
  minLift: 0.05,
  phi: 0.06,
  minEvidence: 24 * HOUR,
  minDuration: 48 * HOUR,
  maxDuration: 336 * HOUR,
};

test("the forecast comes true when the traffic goes on as it is", () => {
  // The same users many times over: estimates stay, variances shrink.
  const [champion, challenger] = [side(2000, 0.74, 1), side(250, 0.788, 1)];
  const at = (times: number) => look(scaled(champion, times), scaled(challenger, times), 24 * times);
  const { kind, expected } = at(1);
  assert.deepEqual([kind, expected?.kind, expected?.inTime], ["hold", "promote", true]);
  const times = 1 + expected!.after / (24 * HOUR);
  assert.ok(times > 2.1, `${times}`); // beyond minDuration, which would else be the answer
  assert.equal(at(times * 0.97).kind, "hold");
  assert.equal(at(times * 1.03).kind, "promote");
});

test("a challenger that looks worse is expected to be rejected or stopped, and the words say so", () => {
  const verdict = look(side(400, 0.8, 1), side(60, 0.76, 1), 30);
  assert.ok(verdict.expected?.kind === "stop" || verdict.expected?.kind === "reject");
  assert.match(
    verdict.reason,
    /\. If this goes on, it will be (stopped in about \d+ (hours|days) for not reaching \+5 %|rejected in about \d+ (hours|days))\. Looks go on/,
  );
});

test("a challenger that is a little better, but by less than is wanted, is never expected to be promoted", () => {
  const verdict = look(side(4000, 0.8, 1), side(300, 0.83, 1), 30);
  assert.deepEqual([verdict.kind, verdict.expected?.kind], ["hold", "stop"]);
});

test("one that soon will be stopped is told so in plain words", () => {
  const { because, reason } = look(side(4000, 0.8, 1), side(400, 0.795, 1), 23.5);
  assert.equal(because, "undecided");
  assert.match(
    reason,
    /It looks no better than the champion \(approval .*\)\. If this goes on, it will be stopped in about .* for not reaching \+5 %/,
  );
  assert.doesNotMatch(reason, /looks worse|lower bound above 0/);
});

test("where only a guardrail waits, the forecast is when that is shown, and it comes true", () => {
  const errors = (times: number) => ({
    metric: "error",
    better: "lower" as const,
    margin: 0.02,
    failAbove: 0,
    strata: [{ champion: scaled(side(900, 0.02, 4), times), challenger: scaled(side(100, 0.02, 4), times) }],
  });
  const at = (times: number) =>
    judge(
      {
        ...NOTHING_ELSE,
        elapsed: 60 * HOUR * times,
        primary: [{ champion: scaled(side(900, 0.7), times), challenger: scaled(side(100, 0.85), times) }],
        guardrails: [errors(times)],
      },
      policy,
    );
  const { because, expected, reason } = at(1);
  assert.deepEqual([because, expected?.kind, expected?.inTime], ["check_failed", "promote", true]);
  assert.match(
    reason,
    /^hold: the challenger looks better, but a check is not shown yet: guardrail: error \(.*\); about \d+ more (hours|days) at this traffic/,
  );
  const times = 1 + expected!.after / (60 * HOUR);
  assert.ok(times > 1.1, `${times}`);
  // A little sooner than forecast: of errors that are rare, a few are taken for more than they are.
  assert.equal(at(times * 0.75).kind, "hold");
  assert.equal(at(times * 1.03).kind, "promote");
});

test("while the comparison is in doubt nothing is forecast, and the doubt comes first", () => {
  const primary = [{ champion: side(400, 0.8), challenger: side(20, 0.8) }];
  const rated = [{ champion: exposed(1000, 4, 1), challenger: exposed(400, 4, 1) }];
  const few = judge({ ...NOTHING_ELSE, elapsed: 40 * HOUR, primary, rated }, { ...policy, share: 0.1 });
  assert.deepEqual([few.because, few.expected], ["too_few", null]);
  assert.match(
    few.reason,
    /^hold: the comparison itself is in doubt: sample ratio \(28\.6 % of 1,400 users .*\); more ratings will not mend this\. Too few ratings to judge by: 20 of 30 users/,
  );
  assert.doesNotMatch(few.reason, /will be stopped|at this traffic/);
  const crossed = judge(
    {
      ...NOTHING_ELSE,
      elapsed: 40 * HOUR,
      primary: [{ champion: side(400, 0.8), challenger: side(60, 0.8) }],
      crossed: 9,
    },
    policy,
  );
  assert.deepEqual([crossed.because, crossed.expected], ["undecided", null]);
  assert.match(crossed.reason, /^hold: the comparison itself is in doubt: exposure \(/);
  assert.doesNotMatch(crossed.reason, /Besides/);
});

test("what would take longer than maxDuration is said to", () => {
  const verdict = look(side(400, 0.8, 1), side(60, 0.86, 1), 300);
  assert.deepEqual([verdict.expected?.kind, verdict.expected?.inTime], ["promote", false]);
  assert.match(
    verdict.reason,
    /a verdict would take about \d+ more days at this traffic, more than maxDuration allows \(36 hours left\)/,
  );
});

test("too few users are expected in proportion to the time", () => {
  const verdict = look(side(400, 0.6, 4), side(20, 0.95, 4), 40);
  assert.equal(verdict.because, "too_few");
  assert.ok(Math.abs(verdict.expected!.after - 20 * HOUR) < HOUR / 10, "30 users of 20");
  assert.match(
    verdict.reason,
    /^hold: too few ratings to judge by: 20 of 30 users with the challenger, 80 of 100 ratings of the challenger; about 20 more hours/,
  );
});

test("where nobody can say, nothing is said", () => {
  assert.equal(look(side(400, 0.6, 4), side(20, 0.95, 4), 0).expected, null);
  const equal: VerdictPolicy = { ...policy, minLift: 0 };
  const verdict = judge(
    { ...NOTHING_ELSE, elapsed: 60 * HOUR, primary: [{ champion: side(400, 0.8), challenger: side(40, 0.8) }] },
    equal,
  );
  assert.deepEqual([verdict.kind, verdict.expected], ["hold", null]);
  assert.doesNotMatch(verdict.reason, /more (hours|days)|NaN|Infinity/);
});

function look(champion: Tally, challenger: Tally, hours: number) {
  return judge({ ...NOTHING_ELSE, elapsed: hours * HOUR, primary: [{ champion, challenger }] }, policy);
}

function scaled(tally: Tally, times: number): Tally {
  return Object.fromEntries(Object.entries(tally).map(([name, value]) => [name, value * times])) as unknown as Tally;
}

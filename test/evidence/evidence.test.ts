import assert from "node:assert/strict";
import { test } from "node:test";
import { type Evidence, NOTHING_ELSE } from "../../src/evidence/evidence.ts";
import { gatherEvidence, type MetricTally } from "../../src/evidence/gather-evidence.ts";
import { guardrailsOf } from "../../src/evidence/guardrails-of.ts";
import { nextStep } from "../../src/evidence/next-step.ts";
import type { VerdictPolicy } from "../../src/evidence/policy.ts";
import { EMPTY_TALLY, type Tally, tallyOf } from "../../src/evidence/tally.ts";
import { judge, type Verdict } from "../../src/evidence/verdict.ts";
import { exposed, numbers, side } from "./sides.ts";

const HOUR = 3_600_000;
const policy: VerdictPolicy = {
  minLift: 0.05,
  phi: 0.06,
  minEvidence: 24 * HOUR,
  minDuration: 48 * HOUR,
  maxDuration: 336 * HOUR,
  share: 0.1,
};
const good: Evidence = {
  elapsed: 60 * HOUR,
  primary: [{ champion: side(900, 0.7), challenger: side(100, 0.85) }],
  rated: [{ champion: exposed(1800, 20, 2), challenger: exposed(200, 20, 2) }],
  crossed: 3,
  guardrails: [
    {
      metric: "error",
      better: "lower",
      margin: 0.02,
      failAbove: 0,
      strata: [{ champion: side(1800, 0.02, 20), challenger: side(200, 0.02, 20) }],
    },
  ],
  segments: [
    { name: "todo", strata: [{ champion: side(400, 0.7), challenger: side(50, 0.85) }] },
    { name: "lights", strata: [{ champion: side(400, 0.7), challenger: side(50, 0.85) }] },
  ],
  changes: [{ what: "model", variant: "challenger", seen: [{ value: "m", first: 500, latest: 500 }] }],
};
const futile: Evidence = { ...good, primary: [{ champion: side(900, 0.8), challenger: side(300, 0.775) }] };
const harmful: Evidence = { ...good, primary: [{ champion: side(900, 0.8), challenger: side(100, 0.5) }] };
const automatic = { status: "running", paused: false, promotion: "automatic", approvalUntil: null, aa: false } as const;
const next = (verdict: Verdict) => nextStep(verdict, automatic, new Date(0)).next;

test("with every check green a better challenger is promoted, and each check says what it found", () => {
  const verdict = judge(good, policy);
  assert.deepEqual([verdict.kind, next(verdict)], ["promote", "promote"]);
  assert.deepEqual(
    verdict.checks.map(({ name, passed }) => [name, passed]),
    [
      ["sample ratio", true],
      ["exposure", true],
      ["changes", true],
      ["feedback rate", true],
      ["guardrail: error", true],
      ["segments", true],
    ],
  );
  assert.deepEqual(
    JSON.parse(JSON.stringify(verdict)),
    verdict,
    "no NaN, no infinity, nothing lost on the way to the database",
  );
});

const BLOCKED: [name: string, change: Partial<Evidence>, words: RegExp][] = [
  [
    "sample ratio",
    { rated: [{ champion: exposed(1760, 20, 2), challenger: exposed(350, 20, 2) }] },
    /sample ratio \(16\.6 % of 2,110 users have the challenger, where 10 % should/,
  ],
  [
    "feedback rate",
    { rated: [{ champion: exposed(1800, 30, 3), challenger: exposed(200, 30, 2) }] },
    /feedback rate \(fewer people rate the challenger \(6\.67 ratings for 100 answers/,
  ],
  ["exposure", { crossed: 40 }, /exposure \(40 of 2,040 users/],
  [
    "changes",
    {
      changes: [
        {
          what: "system prompt",
          variant: "champion",
          seen: [
            { value: "a", first: 500, latest: 0 },
            { value: "b", first: 0, latest: 500 },
          ],
        },
      ],
    },
    /changes \(the champion's system prompt has changed/,
  ],
  [
    "guardrail: error",
    {
      guardrails: [
        { ...good.guardrails[0]!, strata: [{ champion: side(1800, 0.02, 20), challenger: side(20, 0.02) }] },
      ],
    },
    /guardrail: error \(share of answers with an error [\d.]+ % against 2 %: it may still be worse/,
  ],
];
for (const [name, change, words] of BLOCKED) {
  test(`the check "${name}" keeps a better challenger from being promoted, and says why`, () => {
    const verdict = judge({ ...good, ...change }, policy);
    assert.deepEqual([verdict.kind, verdict.because], ["hold", "check_failed"]);
    assert.match(verdict.reason, words);
    assert.deepEqual(
      verdict.checks.filter(({ passed }) => !passed).map((check) => check.name),
      [name],
    );
    assert.equal(judge({ ...harmful, ...change }, policy).kind, "reject", "harm stops it all the same");
  });
}

test("a guardrail that failed rejects, whatever the ratings say, and without any", () => {
  const guardrails = [
    { ...good.guardrails[0]!, strata: [{ champion: side(1800, 0.02, 20), challenger: side(200, 0.06, 20) }] },
  ];
  for (const primary of [good.primary, [], [{ champion: EMPTY_TALLY, challenger: EMPTY_TALLY }]]) {
    const verdict = judge({ ...good, primary, guardrails, elapsed: HOUR }, policy);
    assert.deepEqual([verdict.kind, verdict.because], ["reject", "guardrail"]);
    assert.match(
      verdict.reason,
      /^reject: the challenger does harm: guardrail: error \(share of answers with an error 6 % against 2 %: surely worse/,
    );
    assert.deepEqual(nextStep(verdict, automatic, new Date(0)), {
      next: "conclude",
      outcome: "harmful",
      reason: verdict.reason,
    });
  }
});

test("harm in one action type asks a person, also where promotions are automatic", () => {
  const segments = [
    good.segments[0]!,
    { name: "lights", strata: [{ champion: side(400, 0.8), challenger: side(50, 0.5) }] },
  ];
  const verdict = judge({ ...good, segments }, policy);
  assert.deepEqual([verdict.kind, next(verdict)], ["promote", "ask"]);
  assert.match(
    verdict.reason,
    /A person must agree to it: segments \("lights" got worse \(approval 50 % against 80 %.*If you do: ratchet experiment approve\.$/,
  );
});

test("a lead that those who do not rate might have made asks a person, until the thumbs show it by themselves", () => {
  // One answer in ten is rated, by some people much more than by others.
  const rated = (users: number) =>
    tallyOf(Array.from({ length: users }, (_, user) => ({ y: user % 5 === 0 ? 10 : 0, k: 20 })));
  const doubtful = judge({ ...good, rated: [{ champion: rated(1800), challenger: rated(200) }] }, policy);
  assert.deepEqual([doubtful.kind, next(doubtful)], ["promote", "ask"]);
  assert.match(
    doubtful.reason,
    /^promote: the challenger looks better among those who rate: .* If both models are rated alike, a model that .* A person must agree to it: feedback rate \(.* does not rule it out yet/,
  );
  const asked = { ...automatic, status: "awaiting_approval", approvalUntil: new Date(9) } as const;
  assert.equal(nextStep(doubtful, asked, new Date(0)).next, "wait");
  assert.equal(nextStep(judge(good, policy), asked, new Date(0)).next, "promote", "nobody need be waited for any more");
  const byHand = { ...asked, promotion: "approval" } as const;
  assert.equal(nextStep(judge(good, policy), byHand, new Date(0)).next, "wait");
  const held = judge(
    { ...good, elapsed: 47 * HOUR, rated: [{ champion: rated(1800), challenger: rated(200) }] },
    policy,
  );
  assert.equal(held.because, "too_early");
  assert.doesNotMatch(held.reason, /feedback rate/, "what a person may be asked at the end is no news before");
});

test("while the comparison itself is in doubt nothing is stopped as futile, and else it is", () => {
  assert.equal(judge(futile, policy).because, "futile");
  for (const change of [BLOCKED[2]![1], BLOCKED[3]![1]]) {
    const verdict = judge({ ...futile, ...change }, policy);
    assert.deepEqual([verdict.kind, verdict.because], ["hold", "check_failed"]);
    assert.match(verdict.reason, /^hold: the wanted lift of \+5 % looks out of reach, but a check has not passed/);
  }
  assert.equal(
    judge({ ...futile, ...BLOCKED[0]![1] }, policy).because,
    "futile",
    "a sample ratio blocks promotion only",
  );
});

test("evidence for the checks that is no evidence blocks promotion, lets harm through, and is named", () => {
  const wrong: [Partial<Evidence>, RegExp][] = [
    [{ rated: [{ champion: { ...exposed(9, 1, 1), users: Number.NaN }, challenger: EMPTY_TALLY }] }, /users is NaN/],
    [{ crossed: -1 }, /a count is -1/],
    [{ crossed: Number.NaN }, /a count is NaN/],
    [
      { segments: [{ name: "todo", strata: [{ champion: { ...side(9, 1), sumY: -4 }, challenger: EMPTY_TALLY }] }] },
      /segment "todo": sumY is -4/,
    ],
    [
      { changes: [{ what: "model", variant: "champion", seen: [{ value: "a", first: Infinity, latest: 0 }] }] },
      /a count is Infinity/,
    ],
  ];
  for (const [change, words] of wrong) {
    const verdict = judge({ ...good, ...change }, policy);
    assert.deepEqual([verdict.kind, verdict.because], ["hold", "check_failed"]);
    assert.match(verdict.reason, words);
    assert.equal(verdict.checks[0]!.alarm, true);
    assert.equal(judge({ ...harmful, ...change }, policy).kind, "reject");
  }
});

test("the rule goes by judged quality, or by named feedback whose lower is better, when the settings say so", () => {
  const quality = judge(
    {
      ...NOTHING_ELSE,
      elapsed: 60 * HOUR,
      primary: [{ champion: numbers(900, 0.7, 0.2), challenger: numbers(100, 0.8, 0.2) }],
    },
    { ...policy, primary: "quality" },
  );
  assert.equal(quality.kind, "promote");
  assert.match(
    quality.reason,
    /lift \+14\.3 % \(quality 0\.8 against 0\.7\), lower bound \+0\.0\d+, 400 answers from 100 users/,
  );

  const effort = { primary: "effort", metrics: [{ name: "effort", better: "lower", margin: 1 }], phi: 0.5 } as const;
  const shorter = {
    ...NOTHING_ELSE,
    elapsed: 60 * HOUR,
    primary: [{ champion: numbers(900, 6, 3), challenger: numbers(100, 4, 2) }],
  };
  const verdict = judge(shorter, { ...policy, ...effort });
  assert.equal(verdict.kind, "promote");
  assert.match(verdict.reason, /lift \+33\.3 % \("effort" 4 against 6, where lower is better\), lower bound \+1\.\d+/);
  assert.ok(Math.abs(verdict.numbers!.difference - 2) < 1e-9 && verdict.numbers!.lower > 0);
  const longer = { ...shorter, primary: [{ champion: numbers(900, 6, 3), challenger: numbers(100, 8, 3) }] };
  assert.equal(judge(longer, { ...policy, ...effort }).kind, "reject");
  const hardly = { ...shorter, primary: [{ champion: numbers(9000, 6, 1), challenger: numbers(3000, 5.9, 1) }] };
  assert.equal(judge(hardly, { ...policy, ...effort }).because, "futile", "5.7 was wanted");
});

test("numbers below 0 are compared like any others", () => {
  const named = { primary: "mood", metrics: [{ name: "mood", better: "higher", margin: 1 }], phi: 0.3 } as const;
  const mood = (challenger: number) =>
    judge(
      {
        ...NOTHING_ELSE,
        elapsed: 60 * HOUR,
        primary: [{ champion: numbers(900, -4, 2), challenger: numbers(100, challenger, 2) }],
      },
      { ...policy, ...named },
    );
  assert.deepEqual([mood(-2).kind, mood(-6).kind], ["promote", "reject"]);
  assert.ok(Math.abs(mood(-2).numbers!.lift! - 0.5) < 1e-9, "half as bad");
});

test("numbers that never differ, and a phi out of all proportion, are typed holds", () => {
  const named = { primary: "mood", metrics: [{ name: "mood", better: "higher", margin: 1 }] } as const;
  const look = (champion: Tally, challenger: Tally, phi: number) =>
    judge({ ...NOTHING_ELSE, elapsed: 60 * HOUR, primary: [{ champion, challenger }] }, { ...policy, ...named, phi });
  for (const value of [3, 5, 0]) {
    const verdict = look(numbers(900, 3, 0), numbers(100, value, 0), 0.3);
    assert.deepEqual([verdict.kind, verdict.because], ["hold", "no_spread"], `${value}`);
    assert.doesNotMatch(verdict.reason, /NaN|Infinity|null/);
  }
  assert.equal(look(numbers(900, 3, 1), numbers(100, 9, 0), 0.3).because, "no_spread");
  const far = look(numbers(900, 3, 1), numbers(100, 9, 1), 1e-50);
  assert.deepEqual([far.kind, far.because], ["hold", "invalid"]);
  for (const value of [Number.NaN, Infinity, -Infinity, 1e200])
    assert.equal(look(numbers(900, 3, 1), { ...numbers(100, 3, 1), sumY: value }, 0.3).because, "invalid", `${value}`);
});

test("guardrails are those of the settings, without the primary metric and without what was never measured", () => {
  const parameters = {
    primary: "approval",
    metrics: [{ name: "effort", better: "lower", margin: 0.5 }],
    guardrails: { error: 0.02, slow: 0.05, cost: 0.2, quality: 0.05 },
    slowAbove: 900_000,
    costPerInteraction: 1500,
  } as const;
  const keys = (change: Partial<Parameters<typeof guardrailsOf>[0]> = {}) =>
    guardrailsOf({ ...parameters, ...change }).map(({ metric, margin, failAbove, better }) => [
      metric,
      margin,
      failAbove,
      better,
    ]);
  assert.deepEqual(keys(), [
    ["error", 0.02, 0, "lower"],
    ["slow", 0.05, 0.05, "lower"],
    ["cost", 300, 300, "lower"],
    ["quality", 0.05, 0.05, "higher"],
    ["feedback:effort", 0.5, 0.5, "lower"],
  ]);
  const names = (change: Parameters<typeof keys>[0]) => keys(change).map(([metric]) => metric);
  assert.deepEqual(names({ primary: "quality", slowAbove: null, costPerInteraction: null }), [
    "error",
    "feedback:effort",
  ]);
  assert.deepEqual(names({ primary: "effort", costPerInteraction: 0 }), ["error", "slow", "quality"]);
  assert.deepEqual(names({ guardrails: { error: null, slow: null, cost: null, quality: null }, metrics: [] }), []);
});

test("rows of the store become the evidence, whatever order they come in", () => {
  const row = (metric: string, variant: MetricTally["variant"], stratum: number, tally: Tally) => ({
    metric,
    variant,
    stratum,
    ...tally,
  });
  const rows = [
    row("rated", "challenger", 0, exposed(20, 5, 1)),
    row("approval", "challenger", 1, side(30, 0.5)),
    row("approval", "champion", 0, side(40, 0.5)),
    row("approval/todo", "champion", 0, side(10, 0.5)),
    row("error", "champion", 0, side(50, 0.1)),
    row("approval", "standby", 7, side(7, 1)),
    row("feedback:unasked", "champion", 0, side(9, 1)),
  ];
  const parameters = {
    primary: "approval",
    metrics: [],
    guardrails: { error: 0.02, slow: 0.05, cost: null, quality: null },
    slowAbove: null,
    costPerInteraction: null,
  };
  const rest = { elapsed: HOUR, crossed: 2, changes: [] };
  const evidence = gatherEvidence(rows, parameters, rest);
  assert.deepEqual(evidence, {
    ...rest,
    primary: [
      { champion: side(40, 0.5), challenger: EMPTY_TALLY },
      { champion: EMPTY_TALLY, challenger: side(30, 0.5) },
    ],
    rated: [{ champion: EMPTY_TALLY, challenger: exposed(20, 5, 1) }],
    guardrails: [
      {
        metric: "error",
        better: "lower",
        margin: 0.02,
        failAbove: 0,
        strata: [{ champion: side(50, 0.1), challenger: EMPTY_TALLY }],
      },
    ],
    segments: [{ name: "todo", strata: [{ champion: side(10, 0.5), challenger: EMPTY_TALLY }] }],
  });
  assert.deepEqual(gatherEvidence(rows.toReversed(), parameters, rest), evidence);
});

// What a plan says of guardrails, held to the guardrails themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { checkGuardrail, type Guardrail } from "../../src/evidence/checks/guardrail.ts";
import { planExperiment } from "../../src/evidence/plan.ts";
import { type GuardedTraffic, planGuardrails } from "../../src/evidence/plan-guardrails.ts";
import { planQuestion } from "../../src/evidence/plan-question.ts";
import { planWords } from "../../src/evidence/plan-words.ts";
import { crowd, type Said, tallyValues, trafficOf, trafficOfValues } from "./crowd.ts";
import { NO_PAST, numbersOf } from "./plan-said.ts";

const ERROR: Guardrail = { metric: "error", better: "lower", margin: 0.02, failAbove: 0 };
const EFFORT: Guardrail = { metric: "feedback:effort", better: "lower", margin: 0.5, failAbove: 0.5 };
const errs = (share: number): Said => ({ value: (mood) => (mood < share ? 1 : 0), most: Infinity });
const effort: Said = { value: (mood) => 1 + 4 * mood, most: 10 };

/** Errors hardly resemble each other from one answer of a person to the next; what people say of themselves does. */
const people = (seed: number, days: number, correlation = 0.005, perDay = 800) =>
  crowd({ seed, days, perDay, regulars: perDay / 2, correlation });
const half = [{ share: 0.5, from: 0 }];

function planned(guardrail: Guardrail, said: Said, phases = half) {
  const traffic = trafficOfValues(people(5, 14), 14, said);
  return planGuardrails([{ guardrail, traffic }], phases)[0]!;
}

for (const [guardrail, said] of [
  [ERROR, errs(0.05)],
  [{ ...EFFORT, margin: 0.2 }, effort],
] as const) {
  test(`after the days that are planned an equal challenger passes "${guardrail.metric}" about 8 times in 10`, () => {
    const { days, answers } = planned(guardrail, said);
    assert.ok(days !== null && days > 0.5 && days < 14, `${days}`);
    let passed = 0;
    for (let seed = 100; seed < 180; seed++) {
      const met = people(seed, days);
      const side = (of: number) =>
        tallyValues(
          met.filter(({ user }) => user % 2 === of),
          said,
        );
      const strata = [{ champion: side(0), challenger: side(1) }];
      if (checkGuardrail({ ...guardrail, strata }, 1).passed) passed++;
      if (seed === 100) assert.ok(Math.abs(strata[0]!.challenger.sumK / answers! - 1) < 0.15, `${answers}`);
    }
    assert.ok(passed >= 52 && passed <= 75, `${passed} of 80`); // 64, give or take three standard deviations
  });
}

test("a smaller share and a narrower margin take longer, and a ramp less than its first share", () => {
  const at = (margin: number, phases = half) => planned({ ...ERROR, margin }, errs(0.05), phases).days!;
  assert.ok(at(0.012) > 2 * at(0.02), `${at(0.012)} and ${at(0.02)}`);
  const tenth = at(0.02, [{ share: 0.1, from: 0 }]);
  assert.ok(tenth > 2 * at(0.02));
  assert.ok(
    at(0.02, [
      { share: 0.1, from: 0 },
      { share: 0.5, from: 1 },
    ]) < tenth,
  );
});

test("an error that has never been still takes answers, and a cost that is always the same only the least of them", () => {
  const never = planned(ERROR, errs(0));
  assert.deepEqual([never.value, never.unmeasured], [0, null]);
  assert.ok(never.answers! > 100 && never.answers! < 1000, `${never.answers}`);
  const cost: Guardrail = { metric: "cost", better: "lower", margin: 200, failAbove: 200 };
  const fixed = planned(cost, { value: () => 1000, most: Infinity });
  assert.ok(fixed.days! < 1 && fixed.answers! >= 40, `${fixed.days}`);
});

test("each guardrail has a line, and one that cannot be cleared in time is warned of", () => {
  const traffic = trafficOf(people(5, 14), 14, 0.8);
  const guarded: GuardedTraffic[] = [
    { guardrail: { ...ERROR, margin: 0.04 }, traffic: trafficOfValues(people(5, 14), 14, errs(0.05)) },
    { guardrail: { ...EFFORT, margin: 0.05 }, traffic: trafficOfValues(people(5, 14), 14, effort) },
    { guardrail: { ...EFFORT, metric: "feedback:mood" }, traffic: { ...traffic, ratings: 0, growth: [] } },
  ];
  const plan = planExperiment(traffic, planQuestion(parseLoopSettings({ name: "shop" }), {}, 0.8), guarded);
  const { lines, warnings } = planWords(plan, NO_PAST);
  const line = (name: string) => lines.find(({ about }) => about === `no worse: ${name}`)!.words;
  assert.match(
    line("error"),
    /^at 10 %, about [\d.]+ (days|hours): it takes about [\d,]+ answers of the challenger to show that it is not worse by 4 pp in share of answers with an error \([45](\.\d)? %\), if it is exactly as good$/,
  );
  assert.match(line("effort"), /^at 10 %, .* to show that it is not worse by 0\.05 in "effort"|not in ten years/);
  assert.match(line("mood"), /^nothing can be said: there are no values, or too few/);
  const warned = warnings.filter((words) => words.startsWith("even a challenger that is exactly as good"));
  assert.equal(warned.length, 1, warnings.join("\n"));
  assert.match(warned[0]!, /in "effort" is not shown to be within maxDuration \(14 days\): .* a person must override/);
  assert.ok(numbersOf(plan).every(Number.isFinite));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stratum } from "../../src/evidence/estimate.ts";
import { NOTHING_ELSE } from "../../src/evidence/evidence.ts";
import type { Reading } from "../../src/evidence/reading.ts";
import type { Tally } from "../../src/evidence/tally.ts";
import { judge } from "../../src/evidence/verdict.ts";
import { assertClose } from "./assert-close.ts";
import { sharedVectors } from "./shared-vectors.ts";

const HOUR = 3_600_000;

interface OutsideTally {
  n_users: number;
  sum_y: number;
  sum_k: number;
  sum_yy: number;
  sum_yk: number;
  sum_kk: number;
}
interface RuleVector {
  inputs: {
    strata: { control: OutsideTally; challenger: OutsideTally }[];
    hours: number;
    L: number;
    phi: number;
    alpha_promote: number;
    alpha_harm: number;
    alpha_futile: number;
  };
  outputs: Record<string, number> & { decision_success_metric: string };
}

const DECISIONS: Record<string, string> = {
  promote: "superior",
  reject: "reject_harm",
  stop: "stop_futile",
  hold: "continue",
};

const shared = sharedVectors<RuleVector>("rule-");
test("the verdict reproduces the shared vectors, every number of them", { skip: shared.skip }, () => {
  assert.ok(shared.vectors.length >= 6);
  for (const { id, inputs, outputs } of shared.vectors) {
    const verdict = judge(
      {
        ...NOTHING_ELSE,
        primary: inputs.strata.map(({ control, challenger }) => ({
          champion: inner(control),
          challenger: inner(challenger),
        })),
        elapsed: inputs.hours * HOUR,
      },
      {
        minLift: inputs.L,
        phi: inputs.phi,
        minEvidence: 24 * HOUR,
        minDuration: 24 * HOUR,
        maxDuration: 336 * HOUR,
        alpha: { promote: inputs.alpha_promote, harm: inputs.alpha_harm, futile: inputs.alpha_futile },
      },
    );
    assert.equal(DECISIONS[verdict.kind], outputs.decision_success_metric, id);
    const numbers = verdict.numbers!;
    const closed: Record<string, number | null> = {
      p_challenger: numbers.challengerRate,
      p_control: numbers.championRate,
      delta: numbers.difference,
      rel_lift: numbers.lift,
      V_wald: numbers.variance,
      V_harm: numbers.variance,
      V_null: numbers.nullVariance,
      V_promote: Math.max(numbers.variance, numbers.nullVariance),
      log_e_superior: numbers.logEPromote,
      log_e_harm: numbers.logEHarm,
      log_e_futile: numbers.logEFutile,
      users_challenger: numbers.users.challenger,
      ratings_challenger: numbers.ratings.challenger,
    };
    for (const [name, found] of Object.entries(closed)) assertClose(found!, outputs[name]!, 1e-8, `${id}, ${name}`);
    assertClose(numbers.lower, outputs.lcb!, 1e-6, `${id}, lcb`);
    assertClose(numbers.upper, outputs.ucb!, 1e-6, `${id}, ucb`);
  }
});

// Worked out apart from the code, in plain arithmetic with exact sums and Python's erfc.
test("the verdict reproduces our own vectors", () => {
  for (const { name, strata, kind, because, numbers } of OWN) {
    const policy = {
      minLift: 0.05,
      phi: 0.06,
      minEvidence: 24 * HOUR,
      minDuration: 48 * HOUR,
      maxDuration: 336 * HOUR,
    };
    const verdict = judge({ ...NOTHING_ELSE, primary: strata, elapsed: 50 * HOUR }, policy);
    assert.deepEqual([verdict.kind, verdict.because], [kind, because], name);
    for (const key of Object.keys(numbers) as (keyof typeof numbers)[]) {
      assertClose(verdict.numbers![key] as number, numbers[key]!, 1e-8, `${name}, ${key}`);
    }
  }
});

interface OwnVector {
  name: string;
  kind: string;
  because: string;
  strata: Stratum[];
  numbers: Partial<Record<keyof Reading, number>>;
}

const OWN: OwnVector[] = [
  {
    name: "better, in two strata",
    kind: "promote",
    because: "better",
    strata: [
      { champion: tally(300, 766, 990, 3548, 4200, 5296), challenger: tally(60, 190, 208, 1028, 1088, 1170) },
      { champion: tally(200, 465, 687, 1815, 2367, 3503), challenger: tally(200, 603, 690, 2823, 3085, 3516) },
    ],
    numbers: {
      championRate: 0.709119975578308,
      challengerRate: 0.8870837324514013,
      difference: 0.1779637568730933,
      lift: 0.25096424159812825,
      variance: 0.00038011989045340464,
      nullVariance: 0.000498648774132035,
      logEPromote: 27.53320972995815,
      logEHarm: -3.57408470289959,
      logEFutile: -3.300252284716251,
    },
  },
  {
    name: "worse",
    kind: "reject",
    because: "harm",
    strata: [{ champion: tally(400, 1053, 1349, 4397, 5369, 7005), challenger: tally(60, 105, 168, 363, 509, 786) }],
    numbers: {
      championRate: 0.7805782060785768,
      challengerRate: 0.625,
      difference: -0.15557820607857675,
      lift: -0.19931149097815767,
      variance: 0.0015554391315229941,
      nullVariance: 0.0017376298526026912,
      logEPromote: -1.993995434890791,
      logEHarm: 5.526655762572785,
      logEFutile: 8.485997948719984,
    },
  },
  {
    name: "no better",
    kind: "stop",
    because: "futile",
    strata: [
      { champion: tally(900, 2436, 3010, 11040, 12798, 15758), challenger: tally(300, 764, 973, 3296, 3926, 4989) },
    ],
    numbers: {
      championRate: 0.8093023255813954,
      challengerRate: 0.7852004110996916,
      difference: -0.024101914481703735,
      lift: -0.029781101227392547,
      variance: 0.00029026726382704244,
      nullVariance: 0.0002918069177790366,
      logEPromote: -2.1187633506857844,
      logEHarm: 0.2306271494099028,
      logEFutile: 5.876526646098184,
    },
  },
  {
    name: "all thumbs up",
    kind: "hold",
    because: "no_spread",
    strata: [{ champion: tally(300, 856, 1021, 3864, 4375, 5181), challenger: tally(35, 101, 101, 303, 303, 303) }],
    numbers: {
      championRate: 0.8383937316356513,
      challengerRate: 1.0,
      difference: 0.16160626836434866,
      lift: 0.19275700934579437,
      variance: 0.00034843048037626,
      nullVariance: 0.0008248700694981636,
      logEPromote: 12.732875643727596,
      logEHarm: -3.5659925130101016,
      logEFutile: -3.230952647938043,
    },
  },
  {
    name: "a little better",
    kind: "hold",
    because: "undecided",
    strata: [{ champion: tally(500, 1407, 1746, 6791, 7888, 9718), challenger: tally(80, 238, 274, 1208, 1316, 1478) }],
    numbers: {
      championRate: 0.8058419243986255,
      challengerRate: 0.8686131386861314,
      difference: 0.06277121428750598,
      lift: 0.07789519555507139,
      variance: 0.000626093841782486,
      nullVariance: 0.000731809911571077,
      logEPromote: 2.0239951810234715,
      logEHarm: -2.157120275232033,
      logEFutile: -1.4956092792185942,
    },
  },
];

function inner({ n_users, sum_y, sum_k, sum_yy, sum_yk, sum_kk }: OutsideTally): Tally {
  return tally(n_users, sum_y, sum_k, sum_yy, sum_yk, sum_kk);
}

function tally(users: number, sumY: number, sumK: number, sumYY: number, sumYK: number, sumKK: number): Tally {
  return { users, sumY, sumK, sumYY, sumYK, sumKK };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSampleRatio, logESampleRatio } from "../../../src/evidence/checks/sample-ratio.ts";
import { seededRandom } from "../../../src/sandbox/seeded-random.ts";
import { assertClose } from "../assert-close.ts";
import { sharedVectors } from "../shared-vectors.ts";
import { exposed } from "../sides.ts";

interface RatioVector {
  inputs: { counts: number[]; theta0: number[] };
  outputs: { log_e: number; alarm: boolean };
}

const shared = sharedVectors<RatioVector>("srm-");
test("the sample ratio reproduces the shared vectors", { skip: shared.skip }, () => {
  assert.ok(shared.vectors.length >= 3);
  for (const { id, inputs, outputs } of shared.vectors) {
    assertClose(logESampleRatio(inputs.counts, inputs.theta0), outputs.log_e, 1e-8, id);
    const [champion, challenger] = inputs.counts as [number, number];
    assert.equal(checked([[champion, challenger]], inputs.theta0[1]!).alarm, outputs.alarm, id);
  }
});

test("the e-value is the ratio of a Dirichlet's predictions to the plan's, user by user", () => {
  // Each next user's side is predicted from the prior and the users so far: multiplied, that is the closed form.
  const shares = [0.75, 0.25];
  const counts = [0, 0];
  let logE = 0;
  const random = seededRandom(5);
  for (let user = 0; user < 400; user++) {
    const side = random() < 0.6 ? 0 : 1;
    logE += Math.log((100 * shares[side]! + counts[side]!) / (100 + user)) - Math.log(shares[side]!);
    counts[side]! += 1;
  }
  assertClose(logESampleRatio(counts, shares), logE, 1e-10, "400 users");
});

test("12 % of the users where 10 % were planned is an alarm once there are enough of them, and 10.3 % is none", () => {
  assert.equal(checked([[880, 120]], 0.1).passed, true);
  const alarm = checked([[8800, 1200]], 0.1);
  assert.deepEqual([alarm.passed, alarm.alarm, alarm.acts], [false, true, "blocks"]);
  assert.match(alarm.words, /^12 % of 10,000 users have the challenger, where 10 % should, .*see whether/);
  assert.equal(checked([[8970, 1030]], 0.1).passed, true);
});

test("the phases of a ramp each count by themselves, and their e-values multiply", () => {
  const one = checked([[5000, 5400]], 0.5).numbers.logE!;
  const two = checked([[4000, 4350]], 0.5).numbers.logE!;
  const both = checked(
    [
      [5000, 5400],
      [4000, 4350],
    ],
    0.5,
  );
  assertClose(both.numbers.logE!, one + two, 1e-10, "log e");
  assert.ok(one < Math.log(1000) && both.alarm, `${one}, ${two}`);
});

test("no users, or users on one side alone, give finite numbers", () => {
  const none = checked([], 0.1);
  assert.deepEqual([none.passed, none.told, none.words, none.numbers.logE], [true, "not checked", "no users yet", 0]);
  const lonely = checked([[500, 0]], 0.1);
  assert.ok(Number.isFinite(lonely.numbers.logE) && !lonely.passed);
});

test("of 1,000 experiments with the planned shares, few ever raise the alarm, looked at after every 50 users", () => {
  const random = seededRandom(8);
  let alarms = 0;
  for (let path = 0; path < 1000; path++) {
    const counts: [number, number] = [0, 0];
    let alarm = false;
    for (let user = 1; user <= 1500; user++) {
      counts[random() < 0.1 ? 1 : 0]++;
      if (user % 50 === 0) alarm ||= logESampleRatio(counts, [0.9, 0.1]) >= Math.log(1000);
    }
    if (alarm) alarms++;
  }
  assert.ok(alarms <= 5, `${alarms}`); // one is promised at most; five in a thousand is next to impossible
});

function checked(users: [champion: number, challenger: number][], share: number) {
  return checkSampleRatio(
    users.map(([champion, challenger]) => ({
      champion: exposed(champion, 1, 0),
      challenger: exposed(challenger, 1, 0),
    })),
    share,
  );
}

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { verdictDocument } from "../../src/cli/verdict-document.ts";
import { parseVerdictFile } from "../../src/cli/verdict-file.ts";
import { Fault } from "../../src/domain/fault.ts";
import { judge } from "../../src/evidence/verdict.ts";
import { assertClose } from "../evidence/assert-close.ts";
import { sharedVectors } from "../evidence/shared-vectors.ts";
import { runRatchet } from "./run-ratchet.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-verdict-"));
after(() => rmSync(folder, { recursive: true }));

const side = (n_users: number, sum_y: number, sum_k: number, sum_yy: number, sum_yk: number, sum_kk: number) => ({
  ...{ n_users, sum_y, sum_k, sum_yy, sum_yk, sum_kk },
});
/** A challenger at 90 % against a champion at 81 %, of published vectors. */
const BETTER = {
  strata: [{ control: side(1125, 3535, 4371, 21089, 24508, 30153), challenger: side(125, 457, 506, 2957, 3187, 3492) }],
  hours: 48,
  L: 0.05,
  phi: 0.06,
};

function documentOf(input: unknown) {
  const file = parseVerdictFile(input);
  return verdictDocument(file, judge(file.evidence, file.policy));
}

async function verdictOf(input: unknown, ...options: string[]) {
  const file = join(folder, "look.json");
  writeFileSync(file, typeof input === "string" ? input : JSON.stringify(input));
  return runRatchet(["experiment", "verdict", "--from", file, ...options]);
}

const shared = sharedVectors<{ inputs: unknown; outputs: Record<string, number | string> }>("rule-");
test("every output of the shared vectors comes under its own key", { skip: shared.skip }, () => {
  assert.ok(shared.vectors.length >= 6);
  for (const { id, inputs, outputs } of shared.vectors) {
    const found: Record<string, unknown> = documentOf(inputs);
    for (const [key, wanted] of Object.entries(outputs)) {
      if (typeof wanted === "string") assert.equal(found[key], wanted, `${id}, ${key}`);
      else assertClose(found[key] as number, wanted, key === "lcb" || key === "ucb" ? 1e-6 : 1e-8, `${id}, ${key}`);
    }
  }
});

test("with --json the command prints that document", async () => {
  const { code, out, err } = await verdictOf(BETTER, "--json");
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(JSON.parse(out), documentOf(BETTER));
});

test("the verdict is told in plain words, and needs no server", async () => {
  const { code, out, err } = await verdictOf(BETTER);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out.replace(/\s+/g, " "),
    /verdict promote: the challenger is better: lift \+11\.7 % \(approval 90\.3 % against 80\.9 %\)/,
  );
  assert.doesNotMatch(out, /NaN|Infinity|undefined|\bnull\b/);
});

test("the evidence is told in figures that can be read, each with what is enough", async () => {
  const { out } = await verdictOf(BETTER);
  assert.match(
    out.replace(/\s+/g, " "),
    /evidence for better: 30,500 \(20 is enough\) · for worse: 0\.03 \(20\) · for too small: 0\.06 \(10\)/,
  );
});

test("without minDuration it may promote from 24 hours on, and with it from then", () => {
  const kind = (change: object) => documentOf({ ...BETTER, ...change }).verdict.kind;
  assert.equal(kind({ hours: 23.9 }), "hold");
  assert.equal(kind({ hours: 24 }), "promote");
  assert.equal(kind({ hours: 47, minDuration: "48 hours" }), "hold");
});

test("a whole look can be computed again: checks hold the promotion, and the rule's own decision stays beside it", async () => {
  const crossed = {
    ...BETTER,
    crossed: 40,
    share: 0.1,
    rated: [{ control: side(1125, 0, 1125, 0, 0, 1125), challenger: side(125, 0, 125, 0, 0, 125) }],
  };
  const found = documentOf(crossed);
  assert.deepEqual(
    [found.decision_success_metric, found.verdict.kind, found.verdict.because],
    ["superior", "hold", "check_failed"],
  );
  assert.match(found.verdict.reason, /exposure \(40 of 1,290 users/);
  assert.match((await verdictOf(crossed)).out, /exposure +NOT PASSED: 40 of/);
});

test("nothing to compare is a hold, with null for what cannot be computed", () => {
  for (const strata of [[], [{ control: side(0, 0, 0, 0, 0, 0), challenger: side(0, 0, 0, 0, 0, 0) }]]) {
    const found = documentOf({ strata, hours: 48 });
    assert.deepEqual(
      [found.decision_success_metric, found.delta, found.verdict.because],
      ["continue", null, "nothing_to_compare"],
    );
  }
});

test("a file that is not there, is no JSON, or has a number that is none, is a fault that says where", async () => {
  const missing = await runRatchet(["experiment", "verdict", "--from", join(folder, "none.json")]);
  assert.equal(missing.code, 3);
  assert.equal((await runRatchet(["experiment", "verdict"])).code, 2);
  const nan = await verdictOf('{"strata": [], "hours": NaN}');
  assert.equal(nan.code, 2);
  assert.match(nan.err, /line 1, column 25/);
  const negative = await verdictOf({ ...BETTER, hours: -1 }, "--json");
  assert.equal(negative.code, 2);
  assert.equal(negative.out, "");
  assert.match(JSON.parse(negative.err).error.message, /"hours" is -1, and must be 0 or more/);
});

test("every fault of a file is named with its place", () => {
  const tally = (change: object) => ({
    ...BETTER,
    strata: [{ ...BETTER.strata[0], challenger: { ...BETTER.strata[0]!.challenger, ...change } }],
  });
  const cases: [unknown, RegExp][] = [
    [{}, /"strata" must be a list .*"hours" is missing/],
    [null, /the file/],
    [[], /"strata"|the file/],
    [{ ...BETTER, strata: [{ control: side(1, 1, 1, 1, 1, 1) }] }, /"strata\.0\.challenger" is missing: the sums/],
    [tally({ sum_yk: undefined }), /"strata\.0\.challenger\.sum_yk" is missing/],
    [tally({ sum_k: -1 }), /"strata\.0\.challenger\.sum_k" is -1, and must be 0 or more/],
    [tally({ sum_y: "many" }), /"strata\.0\.challenger\.sum_y" is "many", not a finite number/],
    [tally({ sum_y: Infinity }), /"strata\.0\.challenger\.sum_y" is/],
    [tally({ n_users: 1.5 }), /"strata\.0\.challenger\.n_users" is 1\.5, not a whole number/],
    [tally({ sum_y: 600 }), /"strata\.0\.challenger" cannot be: its ratings are not between 0 and 1/],
    [tally({ sum_kk: 3200 }), /"strata\.0\.challenger" cannot be: its sums of squares/],
    [tally({ sum_y: -5 }), /"strata\.0\.challenger" cannot be: sum_y is -5/],
    [{ ...BETTER, phi: 0 }, /"phi"/],
    [{ ...BETTER, alpha_harm: 1 }, /"alpha_harm" is 1, and must lie between 0 and 0\.5/],
    [{ ...BETTER, minDuration: "two days" }, /"minDuration" "two days" is not a duration/],
    [{ ...BETTER, crossed: -1 }, /"crossed" is -1/],
    [{ ...BETTER, rated: BETTER.strata }, /"share" is missing/],
    [
      { ...BETTER, segments: [{ name: "todo", strata: tally({ sum_y: 600 }).strata }] },
      /"segments\.0\.strata\.0\.challenger" cannot be/,
    ],
  ];
  for (const [input, words] of cases)
    assert.throws(
      () => parseVerdictFile(input),
      (error) => error instanceof Fault && error.code === "invalid" && words.test(error.message),
      `${words}`,
    );
});

test("no fault of a file is told in words that are not ours", () => {
  for (const wrong of [
    null,
    "text",
    7,
    { strata: 3 },
    { strata: [3] },
    { strata: null },
    { guardrails: 3 },
    { guardrails: [3] },
    { guardrails: [{ strata: [], margin: 0 }] },
    { guardrails: [{ metric: "", margin: "a", strata: 1 }] },
    { guardrails: [{ metric: 4, margin: null, failAbove: "x", better: "up" }] },
    { segments: [{}] },
    { segments: {} },
    { changes: [{ what: "prompt", variant: "champion", seen: [{}] }] },
    { changes: [{ what: "model", variant: "control", seen: 4 }] },
    { primary: 4 },
    { primary: "" },
    { share: "a" },
    { minDuration: {} },
    { rated: 5 },
    { L: "x" },
  ])
    assert.throws(
      () => parseVerdictFile(typeof wrong === "object" && wrong !== null ? { ...BETTER, ...wrong } : wrong),
      (error: Error) => {
        assert.doesNotMatch(
          error.message,
          /Invalid|expected|received|Too small|Too big|undefined/,
          JSON.stringify(wrong),
        );
        return error instanceof Fault;
      },
    );
});

test("what must come before the end cannot come after it", () => {
  assert.throws(
    () => parseVerdictFile({ ...BETTER, minDuration: "15 days" }),
    /"minDuration" is longer than maxDuration: 15 days against 14 days/,
  );
  assert.throws(
    () => parseVerdictFile({ ...BETTER, minDuration: "1 hour", maxDuration: "3 hours" }),
    /"minEvidence" is longer than maxDuration: 24 hours against 3 hours/,
  );
});

test("a vector as it was published, with its inputs inside, is read, and keys that mean nothing are named", () => {
  const { evidence, policy, ignored } = parseVerdictFile({
    id: "rule",
    inputs: { ...BETTER, comment: 3 },
    outputs: {},
  });
  assert.deepEqual([evidence.primary.length, policy.phi, ignored], [1, 0.06, ["comment"]]);
});

test("a key that is one letter from what is read, or written in another case, is a slip and not ignored", () => {
  for (const [slip, meant] of [
    ["crosed", "crossed"],
    ["minduration", "minDuration"],
  ] as const)
    assert.throws(
      () => parseVerdictFile({ ...BETTER, [slip]: 31 }),
      (error: Error) => error.message.includes(`"${slip}" is not read: did you mean "${meant}"?`),
    );
});

test("a metric of one's own is read with its direction, and a guardrail with its usual limits", () => {
  const effort = { control: side(100, -300, 100, 900, -300, 100), challenger: side(50, -100, 50, 200, -100, 50) };
  const { evidence, policy } = parseVerdictFile({
    strata: [effort],
    hours: 48,
    primary: "effort",
    better: "lower",
    guardrails: [
      { metric: "error", margin: 0.02, strata: [] },
      { metric: "feedback:mood", margin: 1, strata: [effort] },
    ],
  });
  assert.deepEqual([policy.primary, policy.metrics![0]!.better], ["effort", "lower"]);
  assert.deepEqual(
    evidence.guardrails.map(({ better, failAbove }) => [better, failAbove]),
    [
      ["lower", 0],
      ["higher", 1],
    ],
  );
});

test("the example in the guide gives what the guide shows", async () => {
  const guide = readFileSync(new URL("../../docs/evidence.md", import.meta.url), "utf8");
  const [, example, shown] =
    /```json\n(\{\n[^`]*?)```\n\n```\n\$ ratchet experiment verdict --from look\.json\n([^`]*)```/.exec(guide) ??
    assert.fail("the guide has no example");
  assert.equal((await verdictOf(example!)).out, shown);
});

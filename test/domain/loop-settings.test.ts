import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../src/domain/canonical-json.ts";
import { Fault } from "../../src/domain/fault.ts";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";

/** What the documentation promises for a loop of which only the name is given. */
const PROMISED = {
  name: "helpem",
  model: { provider: "openai-wire", baseURL: null, name: "llama-3.3-70b-instruct", vision: null },
  schedule: { every: "30 minutes" },
  readiness: { minFeedback: 500, optimalFeedback: 1000 },
  triggers: {
    newSamples: 1000,
    interval: "7 days",
    calendar: null,
    qualityDrop: 0.1,
    errorRate: 0.2,
    cooldown: "24 hours",
  },
  quality: { missing: "pass", rules: [], judge: null },
  snapshot: {
    minQuality: 0.7,
    positiveOnly: true,
    redact: "all",
    redactAt: "export",
    nearDuplicate: 0.8,
    rehearsalShare: 0.05,
    perUnitShare: 0.02,
    validationShare: 0.1,
    maxFileBytes: 50000000,
  },
  training: { trainer: "in-context", automatic: "free", method: "sft", epochs: 1 },
  budget: { perRunUsd: 10, monthlyUsd: 50 },
  evaluation: { goldSet: null, minImprovement: 0.0, maxForgetting: 0.02 },
  experiment: {
    enabled: true,
    primary: "approval",
    metrics: [],
    guardrails: { error: 0.02, slow: 0.05, cost: 0.2, quality: 0.05 },
    share: 0.1,
    ramp: null,
    testAccounts: [],
    aa: false,
    minEvidence: "24 hours",
    minDuration: "48 hours",
    maxDuration: "14 days",
    lookEvery: "30 minutes",
    minLift: 0.05,
  },
  promotion: { mode: "approval", approvalTimeout: "7 days" },
  probation: { duration: "48 hours", holdback: 0.05 },
  retention: { interactions: "6 months", models: "90 days", snapshotFiles: "6 months" },
  alerts: { approvalBelow: 0.8, actionApprovalBelow: 0.85, spike: 3, webhook: null, email: null },
};

/** The faults that the settings have, each with its place. */
function faultsOf(settings: Record<string, unknown>): string[] {
  try {
    parseLoopSettings({ name: "helpem", ...settings });
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === "invalid");
    assert.match(error.hint ?? "", /nothing was changed/);
    return error.details.faults as string[];
  }
  return [];
}

test("every value has the default that the documentation promises", () => {
  const settings: Record<string, unknown> = parseLoopSettings({ name: "helpem" });
  for (const [section, promised] of Object.entries(PROMISED)) {
    const given = settings[section];
    if (typeof promised === "string") assert.equal(given, promised);
    else
      for (const [key, value] of Object.entries(promised))
        assert.deepEqual((given as Record<string, unknown>)[key], value, `${section}.${key}`);
  }
});

test("the documented settings parse, and parsing again what came out changes nothing", () => {
  const once = parseLoopSettings(PROMISED);
  assert.equal(canonicalJson(once), canonicalJson(parseLoopSettings({ name: "helpem" })));
  assert.equal(canonicalJson(parseLoopSettings(JSON.parse(JSON.stringify(once)))), canonicalJson(once));
});

test("a part of a section keeps the rest of its defaults", () => {
  const { experiment } = parseLoopSettings({ name: "helpem", experiment: { share: 0.3 } });
  assert.deepEqual(experiment, { ...PROMISED.experiment, share: 0.3 });
});

test("an unknown key is named with the nearest known one, at its place", () => {
  assert.deepEqual(faultsOf({ trigers: {} }), ['unknown setting "trigers": did you mean "triggers"?']);
  assert.deepEqual(faultsOf({ experiment: { minduration: "1 day" } }), [
    'unknown setting "experiment.minduration": did you mean "minDuration"?',
  ]);
  assert.deepEqual(faultsOf({ triggers: { calendar: { days: ["sunday"], at: "03:00", timezone: "UTC" } } }), [
    'unknown setting "triggers.calendar.timezone": did you mean "timeZone"?',
  ]);
  assert.match(
    faultsOf({ budget: { xylophone: 1 } })[0]!,
    /unknown setting "budget\.xylophone" \(known here: perRunUsd, monthlyUsd\)/,
  );
});

test("keys that every object has are unknown too", () => {
  for (const key of ["constructor", "toString", "__proto__"]) {
    const settings = JSON.parse(`{"budget":{"${key}":{}}}`);
    assert.equal(faultsOf(settings).length, 1, key);
  }
});

test("all faults are reported at once, each with its place", () => {
  const faults = faultsOf({
    name: "No Good",
    colour: "red",
    readiness: { minFeedback: -1 },
    experiment: { share: 1, lookEvery: "often" },
    budget: { perRunUsd: "ten" },
    promotion: { mode: "never" },
  });
  for (const place of [
    /"name"/,
    /"colour"/,
    /"readiness\.minFeedback"/,
    /"experiment\.share"/,
    /"experiment\.lookEvery".*"often" is not a duration/,
    /"budget\.perRunUsd"/,
    /"promotion\.mode"/,
  ])
    assert.ok(
      faults.some((fault) => place.test(fault)),
      `${place} in ${faults.join("\n")}`,
    );
});

test("a loop's name is fit for addresses: anything else is refused", () => {
  for (const name of ["a", "helpem", "a-b-2", "x".repeat(40)]) assert.equal(parseLoopSettings({ name }).name, name);
  for (const name of [
    "",
    "A",
    "1a",
    "-a",
    "a_b",
    "a b",
    "a/b",
    "a\n",
    "é",
    "x".repeat(41),
    "'; --",
    null,
    7,
    undefined,
  ])
    assert.ok(faultsOf({ name }).length > 0, String(name));
});

test("durations that do not parse, are nothing where something must happen, or are endless, are refused", () => {
  for (const every of [
    "",
    "30",
    "minutes",
    "30 minuets",
    "-1 hours",
    "0 minutes",
    "1 millisecond",
    "9999999 days",
    30,
    null,
  ])
    assert.equal(faultsOf({ schedule: { every } }).length, 1, String(every));
  assert.deepEqual(faultsOf({ experiment: { lookEvery: "0 seconds" } }).length, 1);
  assert.deepEqual(faultsOf({ triggers: { cooldown: "0 seconds" }, probation: { duration: "0 hours" } }), []);
});

test("numbers out of their range are refused, and their borders are not", () => {
  const cases: [string, string, unknown[], unknown[]][] = [
    ["experiment", "share", [0.0001, 0.5, 0.95], [0, 1, -0.1, 1.1, "0.1", Number.NaN]],
    ["probation", "holdback", [0, 0.5], [-0.01, 0.51]],
    ["triggers", "newSamples", [1, null], [0, 1.5, "1000"]],
    ["snapshot", "minQuality", [0, 1], [-0.1, 1.1]],
    ["snapshot", "maxFileBytes", [1000], [999, 0.5]],
    ["budget", "monthlyUsd", [0, 1e6], [-1, Number.POSITIVE_INFINITY]],
    ["training", "epochs", [1], [0, 2.5]],
    ["alerts", "spike", [1.1], [1, 0]],
    ["quality", "missing", ["pass", "drop", 0.5], ["maybe", 2]],
    ["training", "automatic", [true, false, "free"], ["yes", 1]],
  ];
  for (const [section, key, good, bad] of cases) {
    for (const value of good)
      assert.deepEqual(faultsOf({ [section]: { [key]: value } }), [], `${section}.${key} ${value}`);
    for (const value of bad)
      assert.ok(faultsOf({ [section]: { [key]: value } }).length > 0, `${section}.${key} ${value}`);
  }
});

test("settings that contradict each other are refused, with the reason", () => {
  assert.match(
    faultsOf({ experiment: { minDuration: "3 weeks" } })[0]!,
    /experiment\.minDuration.*longer than maxDuration \(14 days\)/,
  );
  assert.match(
    faultsOf({ experiment: { minEvidence: "15 days", minDuration: "1 hour" } })[0]!,
    /experiment\.minEvidence.*longer/,
  );
  assert.match(
    faultsOf({ experiment: { share: 0.8 }, probation: { holdback: 0.3 } })[0]!,
    /probation\.holdback.*must not exceed 1/,
  );
  assert.match(
    faultsOf({ readiness: { minFeedback: 2000 } })[0]!,
    /readiness\.minFeedback.*above optimalFeedback \(1000\)/,
  );
});

test("the rule may go by quality or by feedback that is named, and every guardrail may be switched off", () => {
  const metrics = [{ name: "effort", better: "lower", margin: 0.5 }];
  for (const experiment of [
    { primary: "quality" },
    { primary: "effort", metrics },
    { metrics: [{ name: "solved", margin: 0.1 }] },
    { guardrails: { error: null, slow: null, cost: null, quality: null } },
  ])
    assert.deepEqual(faultsOf({ experiment }), [], JSON.stringify(experiment));
  const { experiment } = parseLoopSettings({ name: "helpem", experiment: { guardrails: { cost: 0.5 } } });
  assert.deepEqual(experiment.guardrails, { ...PROMISED.experiment.guardrails, cost: 0.5 });
});

test("a metric that is not named, is named twice, or has a name that is taken, is refused", () => {
  const effort = { name: "effort", margin: 1 };
  assert.match(
    faultsOf({ experiment: { primary: "effort" } })[0]!,
    /"experiment\.primary" is "effort", and must be one of approval, quality: other feedback is named in experiment\.metrics/,
  );
  assert.match(
    faultsOf({ experiment: { metrics: [effort, effort] } })[0]!,
    /"experiment\.metrics\.1\.name" "effort" stands there twice/,
  );
  assert.match(faultsOf({ experiment: { metrics: [{ ...effort, name: "cost" }] } })[0]!, /measured already/);
  for (const margin of [0, -1, Number.NaN, Infinity, "1", undefined])
    assert.equal(faultsOf({ experiment: { metrics: [{ name: "effort", margin }] } }).length, 1, String(margin));
  for (const error of [0, 1, -0.1]) assert.equal(faultsOf({ experiment: { guardrails: { error } } }).length, 1);
});

test("a ramp rises in shares and in time, begins with the experiment, and ends before it must", () => {
  const step = (share: number, from?: string) => ({ share, ...(from === undefined ? {} : { from }) });
  const rampFaults = (ramp: unknown, more = {}) => faultsOf({ experiment: { ramp }, ...more });
  const documented = [step(0.1), step(0.25, "12 hours"), step(0.5, "24 hours")];
  assert.deepEqual(rampFaults(documented), []);
  assert.deepEqual(rampFaults([step(0.1, "0 hours"), step(0.2, "1 hour")]), []);
  assert.deepEqual(rampFaults([step(0.3)]), []);
  const wrong: [unknown, RegExp][] = [
    [[step(0.25), step(0.1, "12 hours")], /experiment\.ramp\.1\.share" goes down from 0\.25 to 0\.1: a ramp only/],
    [[step(0.1), step(0.1, "12 hours")], /ramp\.1\.share" is 0\.1, as in the step before/],
    [[step(0.1, "1 hour")], /ramp\.0\.from" is 1 hour: the first step begins with the experiment/],
    [[step(0.1), step(0.2)], /ramp\.1\.from" is 0 seconds, and the step before begins at 0 seconds/],
    [[...documented, step(0.6, "24 hours")], /ramp\.3\.from" is 24 hours, and the step before begins at 24 hours/],
    [
      [step(0.1), step(0.2, "14 days")],
      /ramp\.1\.from" is 14 days: by then the experiment is over \(maxDuration is 14 days\)/,
    ],
    [[step(0.1), step(0.2, "soon")], /ramp\.1\.from" "soon" is not a duration/],
    [[step(0), step(0.2, "1 hour")], /ramp\.0\.share"/],
    [[step(0.1), { share: "0.2", from: "1 hour" }], /ramp\.1\.share"/],
    [[], /ramp" has no step/],
    [Array.from({ length: 11 }, (_, index) => step(0.01 * (index + 1), `${index} hours`)), /more than ten steps/],
    ["fast", /experiment\.ramp"/],
    [[{ ...step(0.1), form: "1 hour" }], /unknown setting "experiment\.ramp\.0\.form": did you mean "from"\?/],
  ];
  for (const [ramp, fault] of wrong) {
    const faults = rampFaults(ramp);
    assert.equal(faults.length, 1, `${JSON.stringify(ramp)}: ${faults.join("; ")}`);
    assert.match(faults[0]!, fault);
  }
  assert.equal(rampFaults([step(0.5), step(0.4, "2 hours"), step(0.3, "1 hour")]).length, 3, "all faults at once");
});

test("the final share of a ramp and the holdback do not overlap", () => {
  const faults = faultsOf({
    experiment: { ramp: [{ share: 0.1 }, { share: 0.8, from: "1 hour" }] },
    probation: { holdback: 0.3 },
  });
  assert.deepEqual(faults, [
    '"probation.holdback" overlaps the experiment\'s share (0.8): the two together must not exceed 1',
  ]);
});

test("a test account is there once, with one of the two sides", () => {
  const accounts = (...testAccounts: unknown[]) => faultsOf({ experiment: { testAccounts } });
  assert.deepEqual(accounts({ user_id: "ada", variant: "challenger" }, { user_id: "bob", variant: "champion" }), []);
  assert.match(
    accounts({ user_id: "ada", variant: "challenger" }, { user_id: "ada", variant: "champion" })[0]!,
    /experiment\.testAccounts\.1\.user_id" is there twice/,
  );
  for (const account of [
    { user_id: "ada", variant: "standby" },
    { user_id: "", variant: "champion" },
    { user_id: "ada" },
    "ada",
  ])
    assert.equal(accounts(account).length, 1, JSON.stringify(account));
  assert.equal(
    accounts(...Array.from({ length: 101 }, (_, n) => ({ user_id: `${n}`, variant: "champion" }))).length,
    1,
  );
});

test("what comes in a later version says so instead of being ignored", () => {
  for (const settings of [
    { quality: { judge: {} } },
    { quality: { rules: [{}] } },
    { alerts: { webhook: "https://example.com" } },
    { snapshot: { redactAt: "capture" } },
  ])
    assert.match(faultsOf(settings)[0] ?? "", /later version/);
});

test("a calendar needs days, a time of day and a time zone that there is", () => {
  const calendar = (more: Record<string, unknown>) =>
    faultsOf({ triggers: { calendar: { days: ["sunday"], at: "03:00", ...more } } });
  assert.deepEqual(calendar({}), []);
  assert.deepEqual(calendar({ timeZone: "Europe/Berlin" }), []);
  for (const more of [
    { days: [] },
    { days: ["someday"] },
    { at: "24:00" },
    { at: "3:00" },
    { at: "03:60" },
    { timeZone: "Mars/Olympus" },
    { timeZone: "" },
  ])
    assert.equal(calendar(more).length, 1, JSON.stringify(more));
});

test("what is no object at all is refused without a stack of noise", () => {
  for (const input of [null, undefined, [], "helpem", 7])
    assert.throws(
      () => parseLoopSettings(input),
      (error) => error instanceof Fault && error.code === "invalid" && error.message.length < 300,
    );
});

test("the champion is not compared with itself while experiments are switched off", () => {
  assert.deepEqual(faultsOf({ experiment: { aa: true, enabled: false } }), [
    '"experiment.aa" needs experiments: they are switched off (experiment.enabled is false)',
  ]);
  assert.deepEqual(faultsOf({ experiment: { aa: true } }), []);
});

test("a metric's name holds no control character, which nothing could ever be kept under", () => {
  const named = (name: string) => faultsOf({ experiment: { metrics: [{ name, margin: 1 }] } });
  assert.deepEqual(named("Zeit bis zur Lösung"), []);
  for (const name of ["a\0b", "a\nb", "\ud800"]) assert.match(named(name)[0]!, /holds a control character/);
});

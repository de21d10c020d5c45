import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assign, hashPoints, murmur3, type RoutingDocument, unitOf } from "../../src/evidence/assignment.ts";
import { publishedVectors, ROUTINGS, referenceAssign } from "./assignment-reference.ts";

const now = Date.parse("2025-01-01T00:00:00.000Z");
const fixed = ROUTINGS["fixed 10 %"]!;
const ramp = ROUTINGS["ramp to 50 %, second phase"]!;
const probation = ROUTINGS.probation!;

test("the hash agrees with MurmurHash3's well-known values", () => {
  const known: [string, number, number][] = [
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["test", 0, 0xba6bd213],
    ["test", 0x9747b28c, 0x704b81dc],
    ["Hello, world!", 0, 0xc0363e43],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
  ];
  for (const [text, seed, hash] of known) assert.equal(murmur3(Buffer.from(text), text.length, seed), hash, text);
});

test("the assignment imports nothing and names nothing that only a server has, so that browsers can run it", () => {
  const source = readFileSync(new URL("../../src/evidence/assignment.ts", import.meta.url), "utf8");
  assert.doesNotMatch(source, /^\s*(import|export .* from)\b|\b(import|require)\(|\b(process|Buffer)\b/m);
});

test("the published vectors are those of the second implementation", () => {
  const published = JSON.parse(readFileSync(new URL("../../docs/assignment-vectors.json", import.meta.url), "utf8"));
  assert.deepEqual(published, JSON.parse(JSON.stringify(publishedVectors())));
});

test("the assignment reproduces every published vector", () => {
  const published: ReturnType<typeof publishedVectors> = JSON.parse(
    readFileSync(new URL("../../docs/assignment-vectors.json", import.meta.url), "utf8"),
  );
  const salt = fixed.experiment!.salt;
  for (const { unit, u, e, assignments } of published.units) {
    assert.deepEqual(hashPoints(salt, unit), { u, e }, JSON.stringify(unit));
    for (const [name, wanted] of Object.entries(assignments)) {
      const { model, variant, experiment, stratum } = assign(published.routings[name]!, unit, new Date(published.now));
      assert.deepEqual({ model: model.id, variant, experiment, stratum }, wanted, `${name}, ${JSON.stringify(unit)}`);
    }
  }
  const variants = published.units.flatMap((vector) =>
    Object.values(vector.assignments).map((wanted) => wanted.variant),
  );
  assert.deepEqual(new Set(variants), new Set(["champion", "challenger", "standby"]), "the vectors show every variant");
});

test("both implementations agree on a thousand other units", () => {
  for (let number = 0; number < 1000; number++) {
    const unit = `user:${"é".repeat(number % 7)}${number}`;
    for (const routing of Object.values(ROUTINGS))
      assert.deepEqual(assign(routing, unit, now), referenceAssign(routing, unit, now));
  }
});

test("a unit is the user, else the conversation, else nobody", () => {
  assert.equal(unitOf({ user: "7", conversation: "9" }), "user:7");
  assert.equal(unitOf({ user: "", conversation: "9" }), "conversation:9");
  assert.equal(unitOf({ user: null }), null);
});

test("nobody has the champion and is in no experiment", () => {
  for (const routing of Object.values(ROUTINGS)) {
    const champion = { model: routing.champion, variant: "champion", experiment: null, phase: null, stratum: null };
    assert.deepEqual(assign(routing, null, now), champion);
  }
});

test("an expired document gives everybody the champion, and so does one whose date cannot be read", () => {
  for (const routing of Object.values(ROUTINGS)) {
    for (const expires_at of ["2025-01-01T00:00:00.000Z", "2024-12-31T23:59:59.999Z", "soon"]) {
      for (let number = 0; number < 50; number++) {
        const { model, variant, experiment } = assign({ ...routing, expires_at }, `user:${number}`, now);
        assert.deepEqual([model, variant, experiment], [routing.champion, "champion", null]);
      }
    }
  }
});

test("a challenger is not served, and nothing counts, from serve_until on", () => {
  const until = Date.parse("2025-01-01T00:00:10.000Z");
  const routing = { ...fixed, experiment: { ...fixed.experiment!, serve_until: new Date(until).toISOString() } };
  const challenged = units("user:", 200).filter((unit) => assign(routing, unit, until - 1).variant === "challenger");
  assert.ok(challenged.length > 0);
  for (const unit of challenged) assert.equal(assign(routing, unit, until).experiment, null);
});

test("a ramp only lets units in: nobody leaves, changes sides or changes stratum", () => {
  const phases = [[0.2], [0.2, 0.5], [0.2, 0.5, 1]];
  const shares = phases.map(() => 0);
  for (const unit of units("user:", 20_000)) {
    let before: ReturnType<typeof assign> | null = null;
    for (const [phase, entered] of phases.entries()) {
      const after = assign(withEntered(ramp, entered), unit, now);
      if (before?.experiment) assert.deepEqual(after, before);
      else if (after.experiment) assert.equal(after.stratum, phase);
      if (after.variant === "challenger") shares[phase]! += 1 / 20_000;
      before = after;
    }
    assert.ok(before?.experiment, "the last phase lets everybody in");
  }
  for (const [phase, share] of [0.1, 0.25, 0.5].entries())
    assert.ok(Math.abs(shares[phase]! - share) < 0.012, `${shares}`);
});

/** A life of an experiment: its ramp, a pause, which is the same document once more, and the promotion in some phase of it. */
const LIVES = [
  { share: 0.1, entered: [1], opened: 1, holdback: 0.05 },
  { share: 0.5, entered: [0.2, 0.5, 1], opened: 3, holdback: 0.05 },
  { share: 0.5, entered: [0.2, 0.5, 1], opened: 1, holdback: 0.5 }, // promoted in its first phase
  { share: 0.8, entered: [0.125, 0.25, 0.5, 1], opened: 3, holdback: 0.2 },
];

for (const { share, entered, opened, holdback } of LIVES)
  test(`nobody changes sides from the start of a ramp to the end of probation: ${share}, phase ${opened} of ${entered.length}`, () => {
    const during = Array.from({ length: opened }, (_, phase) => ({
      ...ramp,
      experiment: { ...ramp.experiment!, share, entered: entered.slice(0, phase + 1) },
    }));
    const paused = { ...during.at(-1)!, version: 99 };
    const promoted = { ...probation, probation: { ...probation.probation!, holdback } };
    const [former, tried] = [ramp.champion.id, ramp.experiment!.challenger.id];
    let heldBack = 0;
    for (const unit of units("user:", 10_000)) {
      const lived = [...during, paused].map((routing) => assign(routing, unit, now));
      const counted = lived.filter(({ experiment }) => experiment !== null);
      assert.ok(new Set(counted.map(({ variant }) => variant)).size <= 1, `${unit} counts on both sides`);
      assert.ok(new Set(counted.map(({ stratum }) => stratum)).size <= 1, `${unit} counts in two strata`);
      const firstMet = lived.findIndex(({ model }) => model.id === tried);
      const after = assign(promoted, unit, now);
      if (firstMet >= 0) {
        assert.ok(
          lived.slice(firstMet).every(({ model }) => model.id === tried),
          `${unit} lost the challenger`,
        );
        assert.equal(after.model.id, tried, `${unit} lost the challenger with its promotion`);
      }
      if (after.variant === "standby") {
        heldBack += 1;
        assert.ok(hashPoints(ramp.experiment!.salt, unit).u >= 1 - holdback, "the holdback is the top of u");
        assert.ok(lived.every(({ model }) => model.id === former));
      }
    }
    assert.ok(Math.abs(heldBack / 10_000 - holdback) < 0.02, `${heldBack} of 10,000 are held back`);
  });

test("a test account has the side that it was given from the first moment on, and never counts", () => {
  const everybody = units("user:", 3000);
  const accounts = (variant: "champion" | "challenger", from: number) =>
    everybody.slice(from, from + 50).map((unit) => ({ ...hashPoints(ramp.experiment!.salt, unit), variant }));
  const test_accounts = [...accounts("challenger", 0), ...accounts("champion", 50)];
  const routing = { ...ramp, experiment: { ...ramp.experiment!, entered: [0.2], test_accounts } };
  for (const [index, unit] of everybody.entries()) {
    const { model, variant, experiment, phase, stratum } = assign(routing, unit, now);
    if (index >= 100) {
      assert.deepEqual(assign(routing, unit, now), assign(withEntered(ramp, [0.2]), unit, now), "others are as ever");
      continue;
    }
    assert.equal(variant, index < 50 ? "challenger" : "champion");
    assert.equal(model, index < 50 ? ramp.experiment!.challenger : ramp.champion);
    assert.deepEqual([experiment, phase, stratum], [null, null, null]);
  }
});

test("a test account has the champion in probation, wherever it lies, and does not count there either", () => {
  const salt = probation.probation!.salt;
  const heldBack = units("user:", 2000).filter((unit) => assign(probation, unit, now).variant === "standby");
  assert.ok(heldBack.length > 0);
  const test_accounts = heldBack.map((unit) => ({ ...hashPoints(salt, unit), variant: "champion" as const }));
  const routing = { ...probation, probation: { ...probation.probation!, test_accounts } };
  for (const unit of heldBack) {
    const { model, variant, experiment } = assign(routing, unit, now);
    assert.deepEqual([model, variant, experiment], [probation.champion, "champion", null]);
  }
});

test("a test account has the champion once the document, or the challenger's time, has run out", () => {
  const test_accounts = [{ ...hashPoints(ramp.experiment!.salt, "user:ada"), variant: "challenger" as const }];
  const experiment = { ...ramp.experiment!, test_accounts };
  assert.equal(assign({ ...ramp, experiment }, "user:ada", now).variant, "challenger");
  const expired = { ...ramp, experiment, expires_at: "2025-01-01T00:00:00.000Z" };
  const late = { ...ramp, experiment: { ...experiment, serve_until: "2025-01-01T00:00:00.000Z" } };
  for (const routing of [expired, late]) assert.deepEqual(assign(routing, "user:ada", now).model, ramp.champion);
});

test("those who met the challenger keep it as champion in probation", () => {
  for (const unit of units("user:", 5000)) {
    if (assign(fixed, unit, now).variant === "challenger")
      assert.deepEqual(assign(probation, unit, now).model, fixed.experiment!.challenger);
  }
});

for (const [name, ids] of Object.entries({
  "sequential numbers": units("user:", 100_000),
  uuids: Array.from(
    { length: 100_000 },
    (_, n) => `user:01939f0e-${hex(n * 7, 4)}-7${hex(n, 3)}-8${hex(n * 31, 3)}-${hex(n * 2654435761, 12)}`,
  ),
  "e-mail addresses": Array.from(
    { length: 100_000 },
    (_, n) => `user:${["ada", "bob", "eve"][n % 3]}.${n}@example.org`,
  ),
})) {
  test(`both points are uniform, and independent of each other, over ${name}`, () => {
    const points = ids.map((unit) => hashPoints("01939f0e-7c00-7d3a-9b52-6f4f1c2b8a11", unit));
    assertUniform(
      points.map(({ u }) => Math.floor(u * 1000)),
      1000,
    );
    assertUniform(
      points.map(({ e }) => Math.floor(e * 1000)),
      1000,
    );
    assertUniform(
      points.map(({ u, e }) => Math.floor(u * 30) * 30 + Math.floor(e * 30)),
      900,
    );
  });
}

test("the sides of two experiments are independent, also when their salts differ in one character", () => {
  for (const other of ["01939f0e-7c00-7d3a-9b52-6f4f1c2b8a12", "another salt", ""]) {
    const cells = units("user:", 100_000).map((unit) => {
      const one = hashPoints("01939f0e-7c00-7d3a-9b52-6f4f1c2b8a11", unit);
      const two = hashPoints(other, unit);
      return [
        Math.floor(one.u * 30) * 30 + Math.floor(two.u * 30),
        Math.floor(one.e * 30) * 30 + Math.floor(two.u * 30),
      ] as const;
    });
    assertUniform(
      cells.map(([sides]) => sides),
      900,
    );
    assertUniform(
      cells.map(([crossed]) => crossed),
      900,
    );
  }
});

function units(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${prefix}${number}`);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0").slice(-digits);
}

function withEntered(routing: RoutingDocument, entered: number[]): RoutingDocument {
  return { ...routing, experiment: { ...routing.experiment!, entered } };
}

/** Pearson's chi-square against equal cells; the limit is four and a half standard deviations of it, on both sides. */
function assertUniform(cells: number[], count: number): void {
  const found = new Array<number>(count).fill(0);
  for (const cell of cells) found[cell]! += 1;
  const wanted = cells.length / count;
  const chiSquare = found.reduce((sum, number) => sum + (number - wanted) ** 2 / wanted, 0);
  const deviations = (chiSquare - (count - 1)) / Math.sqrt(2 * (count - 1));
  assert.ok(
    Math.abs(deviations) < 4.5,
    `chi-square ${chiSquare.toFixed(0)} over ${count} cells: ${deviations.toFixed(1)} deviations off`,
  );
}

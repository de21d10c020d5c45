// Who dies where: pure, from visits to cells to the lives that they share.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, commonPoints, groupsOf, type Point, pointsOf, victimsOf } from "./matrix.ts";
import type { Moment, Visit } from "./point.ts";

const visit = (step: string | null, moment: Moment, writes: string[] = [], scope = "look"): Visit => ({
  scopeId: 1,
  scope,
  loop: "one",
  step,
  moment,
  writes,
  audit: writes.length > 0 ? "experiment.promote" : null,
});
const transaction = (name: string, writes: string[], scope?: string) => [
  visit(`transaction ${name}`, "before", [], scope),
  visit(`transaction ${name}`, "during", writes, scope),
  visit(`transaction ${name}`, "committed, not heard", writes, scope),
];
const call = (name: string) => [visit(name, "before"), visit(name, "answered, not heard")];
const pointsIn = (visits: Visit[], at: "worker" | "server" = "worker") =>
  pointsOf(
    "automatic",
    visits.map((one) => ({ visit: one, at })),
  );
const named = (points: readonly Point[]) => points.map((point) => point.name);
const victims = (points: readonly Point[]) => points.map((point) => [point.moment, ...victimsOf(point)].join(" "));

test("what changes something is a point before, in and after it; what only reads is one", () => {
  const visits = [...transaction("promote", ["promotion"]), ...transaction("standing", [])];
  assert.deepEqual(named(pointsIn(visits)), [
    "look · transaction promote · before",
    "look · transaction promote · during",
    "look · transaction promote · committed, not heard",
    "look · transaction standing · during",
  ]);
  assert.deepEqual(named(pointsIn([...call("GET /v1/files"), ...call("POST /v1/files")])), [
    "look · GET /v1/files · answered, not heard",
    "look · POST /v1/files · before",
    "look · POST /v1/files · answered, not heard",
  ]);
});

test("a point that is come to again, and the look-up of a key, are no points more", () => {
  assert.equal(pointsIn([visit(null, "begins"), visit(null, "begins")]).length, 1);
  assert.deepEqual(pointsIn([...transaction("identify", []), ...transaction("trust", ["api_key"])], "server"), []);
});

test("everybody dies around a deed, each where it makes a story of its own", () => {
  assert.deepEqual(victims(pointsIn(transaction("promote", ["promotion"]))), [
    "before worker postgres zombie partition",
    "during worker postgres zombie partition",
    "committed, not heard worker postgres partition",
  ]);
  assert.deepEqual(victims(pointsIn(call("POST /v1/files"))), [
    "before worker zombie partition",
    "answered, not heard worker partition",
  ]);
  assert.deepEqual(victims(pointsIn([visit(null, "begins"), visit(null, "done, not told")])), [
    "begins worker temporal zombie",
    "done, not told worker temporal zombie",
  ]);
  assert.deepEqual(victims(pointsIn(transaction("record", ["feedback"]), "server")), [
    "before server postgres",
    "during server postgres",
    "committed, not heard server postgres",
  ]);
});

test("a request that tells a workflow is also tried without Temporal", () => {
  const begins = pointsIn([visit(null, "begins", [], "POST /approve"), visit(null, "begins", [], "POST /x")], "server");
  assert.deepEqual(victims(begins), ["begins server temporal", "begins server"]);
});

test("only what every recording came to is a point to count on", () => {
  const first = pointsIn([visit(null, "begins"), visit(null, "done, not told")]);
  const second = pointsIn([visit(null, "begins")]);
  assert.deepEqual(named(commonPoints([first, second])), ["look · begins"]);
});

test("cells share a life when each has an activity of its own, and there are not too many zombies", () => {
  const points = ["one", "two", "three"].flatMap((scope) => pointsIn([visit(null, "begins", [], scope)]));
  const cells = cellsOf(points);
  assert.equal(cells.length, 9);
  const groups = groupsOf(cells, 10);
  assert.equal(groups.flat().length, 9);
  for (const group of groups) {
    assert.equal(new Set(group.map((cell) => cell.point.scope)).size, group.length);
    assert.ok(group.filter((cell) => cell.victim === "zombie").length <= 3);
  }
  assert.ok(groupsOf(cells, 2).every((group) => group.length <= 2));
  const apart = ["submitTraining", "pollTraining while it runs"].flatMap((scope) =>
    pointsIn([visit(null, "begins", [], scope)]),
  );
  assert.ok(groupsOf(cellsOf(apart), 10).every((group) => group.length === 1));
});

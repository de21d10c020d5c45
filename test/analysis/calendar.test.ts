import assert from "node:assert/strict";
import { test } from "node:test";
import { type Calendar, lastStrike, WEEKDAYS } from "../../src/analysis/calendar.ts";

function strike(calendar: Partial<Calendar>, asOf: string): string | undefined {
  return lastStrike({ days: ["sunday"], at: "03:00", timeZone: "UTC", ...calendar }, new Date(asOf))?.toISOString();
}

test("the calendar strikes on its day at its time, not a second before", () => {
  assert.equal(strike({}, "2026-02-01T03:00:00Z"), "2026-02-01T03:00:00.000Z");
  assert.equal(strike({}, "2026-02-01T02:59:59Z"), "2026-01-25T03:00:00.000Z");
  assert.equal(strike({}, "2026-02-07T23:00:00Z"), "2026-02-01T03:00:00.000Z");
});

test("the time is that of the time zone, before and after the clocks change", () => {
  const berlin = { at: "03:30", timeZone: "Europe/Berlin" };
  assert.equal(strike(berlin, "2026-03-23T00:00:00Z"), "2026-03-22T02:30:00.000Z");
  assert.equal(strike(berlin, "2026-04-06T00:00:00Z"), "2026-04-05T01:30:00.000Z");
});

test("a day counts as the zone has it, also where UTC is a day behind or ahead", () => {
  assert.equal(strike({ at: "01:00", timeZone: "Asia/Tokyo" }, "2026-02-01T00:00:00Z"), "2026-01-31T16:00:00.000Z");
  assert.equal(
    strike({ at: "22:00", timeZone: "America/Los_Angeles" }, "2026-02-02T06:30:00Z"),
    "2026-02-02T06:00:00.000Z",
  );
});

test("a time that the change of clocks leaves out still strikes once that day", () => {
  const struck = strike({ at: "02:30", timeZone: "Europe/Berlin" }, "2026-03-29T12:00:00Z") ?? "";
  assert.ok(struck > "2026-03-29T00:00" && struck < "2026-03-29T02:00", struck);
});

test("with every day named a strike is never more than about a day ago, and never to come", () => {
  for (let hour = 0; hour < 24 * 14; hour += 5) {
    const asOf = new Date(Date.UTC(2026, 2, 25, hour));
    const last = lastStrike({ days: WEEKDAYS, at: "02:30", timeZone: "Europe/Berlin" }, asOf);
    const age = asOf.getTime() - (last?.getTime() ?? 0);
    assert.ok(age >= 0 && age <= 25 * 3_600_000, asOf.toISOString());
  }
});

test("a calendar without days never strikes", () => {
  assert.equal(strike({ days: [] }, "2026-02-01T03:00:00Z"), undefined);
});

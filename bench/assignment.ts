// What it costs to assign a unit, beside what scripts usually do (SHA-256 to a number) and the least that a look-up costs (a Map).

import { createHash, hash } from "node:crypto";
import { assign, hashPoints, type RoutingDocument } from "../src/evidence/assignment.ts";
import { type BenchmarkReport, nanosecondsPerCall } from "./benchmark.ts";

const LIMIT = 2000;
const UNITS = 4096;
const SALT = "01939f0e-7c00-7d3a-9b52-6f4f1c2b8a10";
const now = Date.parse("2025-01-01T00:00:00.000Z");
const routing: RoutingDocument = {
  loop: "demo",
  version: 1,
  expires_at: "2025-01-01T00:00:30.000Z",
  champion: { id: "m1", name: "base" },
  experiment: {
    id: "x1",
    challenger: { id: "m2", name: "tuned" },
    salt: SALT,
    share: 0.5,
    entered: [0.2, 0.5],
    serve_until: "2025-01-01T01:00:00.000Z",
  },
  probation: null,
};

/** As many test accounts as the settings take, none of which is asked for: the whole list is gone through. */
const withTestAccounts: RoutingDocument = {
  ...routing,
  experiment: {
    ...routing.experiment!,
    test_accounts: Array.from({ length: 100 }, (_, number) => ({
      ...hashPoints(SALT, `user:tester ${number}`),
      variant: "challenger",
    })),
  },
};

const CASES: Record<string, (number: number) => string> = {
  "8-character ids": (number) => `user:${String(number).padStart(8, "0")}`,
  "36-character ids": (number) => `user:01939f0e-8000-7000-8000-${String(number).padStart(12, "0")}`,
  "128-character ids": (number) => `user:${String(number).padStart(128, "x")}`,
  "64 characters, not ASCII": (number) => `user:${String(number).padStart(64, "山")}`,
};

/** Measures every case with the peer in the same run. */
export function run(): BenchmarkReport {
  const rows = Object.entries(CASES).flatMap(([name, unitOfNumber]) => {
    const units = Array.from({ length: UNITS }, (_, number) => unitOfNumber(number));
    const known = new Map(units.map((unit, number) => [unit, number % 2]));
    const at = (index: number) => units[index % UNITS]!;
    const peer = nanosecondsPerCall((index) => byHash(SALT, at(index)), 50_000);
    const row = (subject: string, nanoseconds: number) => ({
      case: name,
      subject,
      nanoseconds,
      ratio: nanoseconds / peer,
    });
    return [
      row(
        "assign (two points)",
        nanosecondsPerCall((index) => (assign(routing, at(index), now).variant === "challenger" ? 1 : 0)),
      ),
      row(
        "assign, 100 test accounts",
        nanosecondsPerCall((index) => (assign(withTestAccounts, at(index), now).variant === "challenger" ? 1 : 0)),
      ),
      row("crypto.hash sha-256 (one point)", peer),
      row(
        "createHash sha-256 (one point)",
        nanosecondsPerCall((index) => byCreateHash(SALT, at(index)), 50_000),
      ),
      row(
        "Map look-up (floor)",
        nanosecondsPerCall((index) => known.get(at(index))!),
      ),
    ];
  });
  const slowest = Math.max(...rows.filter((row) => row.subject.startsWith("assign")).map((row) => row.nanoseconds));
  return {
    benchmark: "assignment",
    against: "node:crypto's one-shot sha-256 in the same run",
    rows,
    limits: [
      {
        limit: `assign takes under ${LIMIT} ns a call (slowest case ${slowest.toFixed(0)} ns)`,
        holds: slowest < LIMIT,
      },
    ],
  };
}

function byHash(salt: string, unit: string): number {
  return hash("sha256", `${salt}/${unit}`, "buffer").readUInt32BE(0) / 2 ** 32;
}

function byCreateHash(salt: string, unit: string): number {
  return createHash("sha256").update(`${salt}/${unit}`).digest().readUInt32BE(0) / 2 ** 32;
}

// A second implementation of the assignment, written another way on purpose, and the vectors that it publishes.
// Writes them: node test/evidence/assignment-reference.ts > docs/assignment-vectors.json

import type { Assignment, RoutingDocument } from "../../src/evidence/assignment.ts";

const WORD = 0xffffffffn;
const rotate = (value: bigint, by: bigint) => ((value << by) | (value >> (32n - by))) & WORD;
const scramble = (word: bigint) => (rotate((word * 0xcc9e2d51n) & WORD, 15n) * 0x1b873593n) & WORD;
const fold = (value: bigint, by: bigint) => value ^ (value >> by);

/** MurmurHash3_x86_32 in unbounded integers. */
export function referenceMurmur3(key: Uint8Array, seed: bigint): bigint {
  const words: bigint[] = [];
  for (let at = 0; at < key.length; at += 4) {
    words.push([...key.subarray(at, at + 4)].reduceRight((word, byte) => word * 256n + BigInt(byte), 0n));
  }
  const tail = key.length % 4 === 0 ? 0n : words.pop()!;
  const body = words.reduce((hash, word) => (rotate(hash ^ scramble(word), 13n) * 5n + 0xe6546b64n) & WORD, seed);
  const closed = body ^ scramble(tail) ^ BigInt(key.length);
  return fold((fold((fold(closed, 16n) * 0x85ebca6bn) & WORD, 13n) * 0xc2b2ae35n) & WORD, 16n);
}

/** The points of a unit, by node's own UTF-8 encoder, which writes U+FFFD for a lone surrogate. */
export function referencePoints(salt: string, unit: string): { u: number; e: number } {
  const key = Buffer.from(`${salt}/${unit}`, "utf8");
  return {
    u: Number(referenceMurmur3(key, 0n)) / 2 ** 32,
    e: Number(referenceMurmur3(key, 0x9e3779b9n)) / 2 ** 32,
  };
}

/** Who has what, read off the definition: not in force, a test account, not entered, then the side. */
export function referenceAssign(routing: RoutingDocument, unit: string | null, now: number): Assignment {
  const nowhere: Assignment = {
    model: routing.champion,
    variant: "champion",
    experiment: null,
    phase: null,
    stratum: null,
  };
  const trial = routing.experiment ?? routing.probation;
  if (unit === null || trial === null || new Date(routing.expires_at).getTime() <= now) return nowhere;
  const { u, e } = referencePoints(trial.salt, unit);
  const listed = new Map(trial.test_accounts?.map((account) => [`${account.u} ${account.e}`, account.variant]));
  const given = listed.get(`${u} ${e}`);
  if ("standby" in trial) {
    if (given !== undefined) return nowhere;
    const counted = { experiment: trial.id, phase: "probation", stratum: 0 } as const;
    if (u < 1 - trial.holdback) return { model: routing.champion, variant: "champion", ...counted };
    return { model: trial.standby, variant: "standby", ...counted };
  }
  const reached = trial.entered.filter((entered) => entered <= e).length;
  if (new Date(trial.serve_until).getTime() <= now) return nowhere;
  if (given === "challenger") return { ...nowhere, model: trial.challenger, variant: given };
  if (given === "champion" || reached === trial.entered.length) return nowhere;
  const counted = { experiment: trial.id, phase: "experiment", stratum: reached } as const;
  if (u >= trial.share) return { model: routing.champion, variant: "champion", ...counted };
  return { model: trial.challenger, variant: "challenger", ...counted };
}

const SALT = "01939f0e-7c00-7d3a-9b52-6f4f1c2b8a10";
const UNITS = [
  "user:1",
  "user:2",
  "user:42",
  "user:1000000",
  "user:ada",
  "user:Ada",
  "user:ada@example.org",
  "user:01939f0e-8000-7000-8000-000000000001",
  "conversation:1",
  "conversation:01939f0e-8000-7000-8000-000000000001",
  "user:",
  "",
  "a",
  "user:Müller",
  "user:Mu\u0308ller",
  "user:Ελένη",
  "user:山田太郎",
  "user:👍🏽",
  "user:\u0000\u007f\u0080\u07ff\u0800\uffff",
  "user:\ud83d",
  "user:\udc4d\ud83d",
  `user:${"long ".repeat(100)}`,
];
const BASE = { loop: "demo", version: 7, expires_at: "2025-01-01T00:00:30.000Z", champion: { id: "m1", name: "base" } };
const EXPERIMENT = {
  id: "x1",
  challenger: { id: "m2", name: "tuned" },
  salt: SALT,
  serve_until: "2025-01-01T01:00:00.000Z",
};

const TEST_ACCOUNTS = [
  { ...referencePoints(SALT, "user:ada"), variant: "champion" },
  { ...referencePoints(SALT, "user:山田太郎"), variant: "challenger" },
  { ...referencePoints(SALT, "user:1"), variant: "challenger" },
] as const;

/** Every routing document that the vectors try: a fixed share, a ramp, a ramp in its last phase, a probation, and test accounts. */
export const ROUTINGS: Record<string, RoutingDocument> = {
  "fixed 10 %": { ...BASE, experiment: { ...EXPERIMENT, share: 0.1, entered: [1] }, probation: null },
  "ramp to 50 %, second phase": {
    ...BASE,
    experiment: { ...EXPERIMENT, share: 0.5, entered: [0.2, 0.5] },
    probation: null,
  },
  "ramp to 50 %, third phase": {
    ...BASE,
    experiment: { ...EXPERIMENT, share: 0.5, entered: [0.2, 0.5, 1] },
    probation: null,
  },
  probation: {
    ...BASE,
    champion: EXPERIMENT.challenger,
    experiment: null,
    probation: { id: "x1", salt: SALT, standby: BASE.champion, holdback: 0.05 },
  },
  "ramp with test accounts": {
    ...BASE,
    experiment: { ...EXPERIMENT, share: 0.5, entered: [0.2], test_accounts: TEST_ACCOUNTS },
    probation: null,
  },
  "probation with test accounts": {
    ...BASE,
    champion: EXPERIMENT.challenger,
    experiment: null,
    probation: { id: "x1", salt: SALT, standby: BASE.champion, holdback: 0.5, test_accounts: TEST_ACCOUNTS },
  },
};

/** The content of docs/assignment-vectors.json. */
export function publishedVectors() {
  const now = "2025-01-01T00:00:00.000Z";
  return {
    about:
      "Ports of the assignment must reproduce these. A point is MurmurHash3 (x86, 32 bits) of the UTF-8 bytes of salt + '/' + unit, as an " +
      "unsigned integer, divided by 2^32; the seed is 0 for the side u and 0x9e3779b9 for the entry e; a lone surrogate counts as U+FFFD. " +
      "A unit whose two points are those of a test account has the account's variant, or in probation the champion, and counts in nothing.",
    now,
    routings: ROUTINGS,
    units: UNITS.map((unit) => ({
      unit,
      ...referencePoints(SALT, unit),
      assignments: Object.fromEntries(
        Object.entries(ROUTINGS).map(([name, routing]) => {
          const { model, variant, experiment, stratum } = referenceAssign(routing, unit, Date.parse(now));
          return [name, { model: model.id, variant, experiment, stratum }];
        }),
      ),
    })),
  };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(publishedVectors(), null, 2)}\n`);

import assert from "node:assert/strict";
import { test } from "node:test";
import { assign, type RoutingDocument } from "../../src/evidence/assignment.ts";
import { NOTHING_ELSE } from "../../src/evidence/evidence.ts";
import { addUnit, EMPTY_TALLY, replaceUnit, type Tally, type UnitTotals } from "../../src/evidence/tally.ts";
import { judge } from "../../src/evidence/verdict.ts";
import { seededRandom } from "../../src/sandbox/seeded-random.ts";

const HOUR = 3_600_000;
const START = Date.parse("2025-01-01T00:00:00.000Z");
const LOOKS = 42; // one every four hours, for a week
const policy = { minLift: 0.05, phi: 0.06, minEvidence: 24 * HOUR, minDuration: 24 * HOUR, maxDuration: 336 * HOUR };

test("identical models: the e-value for better reaches 20 on at most 7 % of 300 paths, and few are promoted", () => {
  const paths = Array.from({ length: 300 }, (_, seed) =>
    walk({ seed, base: 0.8, challenger: 0.8, ratings: 2500, share: 0.5 }),
  );
  assert.ok(share(paths, (path) => path.mostBetter >= Math.log(20)) <= 0.07);
  assert.ok(share(paths, (path) => path.kind === "promote") <= 0.07);
  assert.ok(share(paths, (path) => path.mostWorse >= Math.log(20)) <= 0.07);
});

test("identical models at a tenth of the users: the same", () => {
  const paths = Array.from({ length: 300 }, (_, seed) =>
    walk({ seed: 1000 + seed, base: 0.8, challenger: 0.8, ratings: 3000, share: 0.1 }),
  );
  assert.ok(share(paths, (path) => path.mostBetter >= Math.log(20)) <= 0.07);
  assert.ok(share(paths, (path) => path.kind === "promote") <= 0.07);
});

test("a challenger that is 30 % better is promoted, and never rejected", () => {
  const paths = Array.from({ length: 60 }, (_, seed) =>
    walk({ seed, base: 0.6, challenger: 0.78, ratings: 2500, share: 0.3 }),
  );
  assert.ok(share(paths, (path) => path.kind === "promote") >= 0.95);
  assert.equal(
    share(paths, (path) => path.kind === "reject"),
    0,
  );
});

test("a challenger that is 20 % worse shows its harm, is taken out as harmful or futile, and is never promoted", () => {
  const paths = Array.from({ length: 60 }, (_, seed) =>
    walk({ seed, base: 0.8, challenger: 0.64, ratings: 2500, share: 0.3 }),
  );
  assert.ok(share(paths, (path) => path.mostWorse >= Math.log(20)) >= 0.95);
  assert.ok(share(paths, (path) => path.kind === "reject" || path.kind === "stop") >= 0.95);
  assert.ok(share(paths, (path) => path.kind === "reject") >= 0.2, "most often futility shows first");
  assert.equal(
    share(paths, (path) => path.kind === "promote"),
    0,
  );
});

test("identical models on a boolean that is rare: hardly ever is one rejected, however few have it", () => {
  const metrics = [{ name: "solved", better: "higher" as const, margin: 0.01 }];
  const rare = { ...policy, primary: "solved", metrics, minLift: 0.2, phi: 0.006, share: 0.1 };
  const ends = Array.from({ length: 150 }, (_, seed) => {
    const random = seededRandom(7000 + seed);
    const many = (tally: Tally, users: number) => {
      for (let user = 0; user < users; user++)
        tally = addUnit(tally, { y: +(random() < 0.02) + +(random() < 0.02), k: 2 });
      return tally;
    };
    let [champion, challenger] = [EMPTY_TALLY as Tally, EMPTY_TALLY as Tally];
    for (let look = 1; look <= 40; look++) {
      [champion, challenger] = [many(champion, 27), many(challenger, 3)];
      const verdict = judge({ ...NOTHING_ELSE, primary: [{ champion, challenger }], elapsed: look * HOUR }, rare);
      if (verdict.kind !== "hold") return verdict.kind;
    }
    return "hold";
  });
  const rejected = ends.filter((kind) => kind === "reject").length / ends.length;
  assert.ok(rejected <= 0.05, `${rejected} rejected`);
});

interface World {
  seed: number;
  base: number;
  challenger: number;
  /** Ratings in the week, about four for each user. */
  ratings: number;
  share: number;
}

/** One experiment by the real assignment, tallies and verdict: users who differ from each other come back and rate; looks go on. */
function walk({ seed, base, challenger, ratings, share }: World) {
  const random = seededRandom(seed);
  const routing: RoutingDocument = {
    loop: "demo",
    version: 1,
    expires_at: "2026-01-01T00:00:00.000Z",
    champion: { id: "m1", name: "base" },
    experiment: {
      id: "x1",
      challenger: { id: "m2", name: "tuned" },
      salt: `path ${seed}`,
      share,
      entered: [1],
      serve_until: "2026-01-01T00:00:00.000Z",
    },
    probation: null,
  };
  const users = Array.from({ length: Math.round(ratings / 4) }, () => (random() < 0.5 ? 0.12 : -0.12)); // correlation about .1
  const totals = users.map((): UnitTotals => ({ y: 0, k: 0 }));
  const tallies: Record<"champion" | "challenger", Tally> = { champion: EMPTY_TALLY, challenger: EMPTY_TALLY };
  let kind = "hold";
  let mostBetter = -Infinity;
  let mostWorse = -Infinity;
  for (let look = 1; look <= LOOKS; look++) {
    for (let count = Math.round(ratings / LOOKS); count > 0; count--) {
      const user = Math.floor(random() * users.length);
      const { variant } = assign(routing, `user:${user}`, START);
      if (variant === "standby") throw new Error("there is no standby in an experiment");
      const before = totals[user]!;
      if (before.k === 10) continue;
      const liked = random() < (variant === "challenger" ? challenger : base) + users[user]!;
      const after = { y: before.y + (liked ? 1 : 0), k: before.k + 1 };
      tallies[variant] =
        before.k === 0 ? addUnit(tallies[variant], after) : replaceUnit(tallies[variant], before, after);
      totals[user] = after;
    }
    const verdict = judge({ ...NOTHING_ELSE, primary: [{ ...tallies }], elapsed: look * 4 * HOUR }, policy);
    if (kind === "hold") kind = verdict.kind;
    const { numbers } = verdict;
    if (numbers === null || numbers.users.challenger < 30 || numbers.ratings.challenger < 100) continue;
    mostBetter = Math.max(mostBetter, numbers.logEPromote);
    mostWorse = Math.max(mostWorse, numbers.logEHarm);
  }
  return { kind, mostBetter, mostWorse };
}

type Path = ReturnType<typeof walk>;

function share(paths: Path[], holds: (path: Path) => boolean): number {
  return paths.filter(holds).length / paths.length;
}

// Many simulated experiments of one world, counted.

import { type Outcome, simulate, type World } from "./simulate.ts";

/** How many of them, by 48 hours and by the end of the week. */
export interface Counted {
  by48: number;
  byWeek: number;
}

export interface Counts {
  repetitions: number;
  /** Without anybody's consent. */
  promoted: Counted;
  /** Promoted, or a person asked to agree to it. */
  asked: Counted;
  /** As harmful or futile. */
  stopped: Counted;
  harmful: Counted;
  /** By the naive rule: `by48` asked once, `byWeek` asked at every look (until 48 hours). */
  naive: Counted;
  failed: Record<string, Counted>;
}

export function noCounts(): Counts {
  const none = () => ({ by48: 0, byWeek: 0 });
  return {
    repetitions: 0,
    promoted: none(),
    asked: none(),
    stopped: none(),
    harmful: none(),
    naive: none(),
    failed: {},
  };
}

/** Experiments number `from` to `to`, `to` excluded, of the world with this name. */
export function count(world: World, name: string, from: number, to: number): Counts {
  const counts = noCounts();
  for (let number = from; number < to; number++) addOutcome(counts, simulate(world, `${name} #${number}`));
  return counts;
}

function addOutcome(counts: Counts, outcome: Outcome): void {
  counts.repetitions += 1;
  if (outcome.kind === "promote") addOne(counts.promoted, outcome.hours);
  const asked = outcome.asked ?? (outcome.kind === "promote" ? outcome.hours : null);
  if (asked !== null) addOne(counts.asked, asked);
  if (outcome.kind === "harm" || outcome.kind === "futile") addOne(counts.stopped, outcome.hours);
  if (outcome.kind === "harm") addOne(counts.harmful, outcome.hours);
  counts.naive.by48 += outcome.naiveOnce ? 1 : 0;
  counts.naive.byWeek += outcome.naiveOften ? 1 : 0;
  for (const [check, hours] of Object.entries(outcome.failed)) {
    counts.failed[check] ??= { by48: 0, byWeek: 0 };
    addOne(counts.failed[check], hours);
  }
}

function addOne(counted: Counted, hours: number): void {
  counted.byWeek += 1;
  if (hours <= 48) counted.by48 += 1;
}

/** The counts of both together. Order does not matter, so that any number of threads gives the same figures. */
export function together(a: Counts, b: Counts): Counts {
  const sum = (x: Counted = { by48: 0, byWeek: 0 }, y: Counted = { by48: 0, byWeek: 0 }) => ({
    by48: x.by48 + y.by48,
    byWeek: x.byWeek + y.byWeek,
  });
  const checks = new Set([...Object.keys(a.failed), ...Object.keys(b.failed)]);
  return {
    repetitions: a.repetitions + b.repetitions,
    promoted: sum(a.promoted, b.promoted),
    asked: sum(a.asked, b.asked),
    stopped: sum(a.stopped, b.stopped),
    harmful: sum(a.harmful, b.harmful),
    naive: sum(a.naive, b.naive),
    failed: Object.fromEntries([...checks].map((name) => [name, sum(a.failed[name], b.failed[name])])),
  };
}

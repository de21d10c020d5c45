// The running tallies of a simulated experiment, by the product's own tally code: what a look is judged from.

import { RATINGS_PER_UNIT } from "../../src/domain/experiment.ts";
import type { Stratum } from "../../src/evidence/estimate.ts";
import { EMPTY_TALLY, replaceUnit, type UnitTotals, unitTotals } from "../../src/evidence/tally.ts";

export type Side = keyof Stratum;

interface Counted {
  totals: UnitTotals;
  /** Those that came after ten and are later than all of the ten are left out, for they change nothing. */
  ratings: { asked: number; value: number }[];
  latest: number;
}

export interface Sums {
  strata: Stratum[];
  /** Takes a rating of a unit, 0 or 1, for an interaction that began at `asked` (hours). Says whether it changed a tally. */
  rate(stratum: number, side: Side, unit: number, asked: number, value: number): boolean;
}

/** Counts a unit's first ten ratings by interaction, in whatever order they arrive; with `capped` false all of them. */
export function cappedSums(strata: number, capped = true): Sums {
  const units = new Map<number, Counted>();
  const sums = emptyStrata(strata);
  return {
    strata: sums,
    rate(stratum, side, unit, asked, value) {
      let counted = units.get(unit);
      if (counted === undefined) {
        counted = { totals: { y: 0, k: 0 }, ratings: [], latest: 0 };
        units.set(unit, counted);
      }
      const full = capped && counted.ratings.length >= RATINGS_PER_UNIT;
      if (full && asked >= counted.latest) return false;
      counted.ratings.push({ asked, value });
      counted.latest = Math.max(counted.latest, asked);
      const before = counted.totals;
      // Up to ten, their order does not matter, and adding one is unitTotals (test/evidence/simulator.test.ts).
      counted.totals = full ? unitTotals(counted.ratings.map(asStored)) : { y: before.y + value, k: before.k + 1 };
      sums[stratum]![side] = replaceUnit(sums[stratum]![side], before, counted.totals);
      return true;
    },
  };
}

export interface RatedSums {
  strata: Stratum[];
  /** Takes an interaction of a unit, and whether it was rated. */
  interact(stratum: number, side: Side, unit: number, rated: boolean): void;
}

/** The metric `rated`: k is a unit's interactions, y how many of them were rated. */
export function ratedSums(strata: number): RatedSums {
  const units = new Map<number, UnitTotals>();
  const sums = emptyStrata(strata);
  return {
    strata: sums,
    interact(stratum, side, unit, rated) {
      const before = units.get(unit) ?? { y: 0, k: 0 };
      const after = { y: before.y + (rated ? 1 : 0), k: before.k + 1 };
      units.set(unit, after);
      sums[stratum]![side] = replaceUnit(sums[stratum]![side], before, after);
    },
  };
}

/** With an id that sorts by time, as the store's do. */
function asStored({ asked, value }: { asked: number; value: number }) {
  return { interactionId: asked.toFixed(9).padStart(14, "0"), name: "thumb", value };
}

function emptyStrata(strata: number): Stratum[] {
  return Array.from({ length: strata }, () => ({ champion: { ...EMPTY_TALLY }, challenger: { ...EMPTY_TALLY } }));
}

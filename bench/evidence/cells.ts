// What is simulated: every cell of the tables, with the figures that the method's own page gives where it gives some.

import { type Population, USUAL } from "./population.ts";
import type { World } from "./simulate.ts";
import { fixedShare, RAMP, SHARE_GROWS, type Traffic } from "./traffic.ts";

/** Percent at 48 hours and at 7 days. */
export type Percents = readonly [at48: number, atWeek: number];

export interface Cell {
  /** Also the name of its chance: the same id gives the same experiments. */
  id: string;
  table: "operating" | "naive" | "coming" | "robust";
  row: string;
  column: string;
  /** What is counted: verdicts, what the naive rule does (once, and at every look), or the failure of a check. */
  counts: "promoted" | "stopped" | "naive" | "sample ratio" | "feedback rate";
  world: World;
  repetitions: number;
  /** The method's figures. */
  expected?: Percents;
  /** Identical models, which must hardly ever be promoted. */
  identical?: boolean;
}

const SIZES = [500, 1000, 2000, 5000] as const;
const REPETITIONS = { identical: 2000, other: 1000 };

const TRAFFICS: readonly [name: string, traffic: Traffic][] = [
  ["fixed 10 %", fixedShare()],
  ["ramp", RAMP],
];

const EFFECTS = [
  { column: "A/A promoted", effect: 0, counts: "promoted", identical: true },
  { column: "+5 % promoted", effect: 0.05, counts: "promoted" },
  { column: "+10 % promoted", effect: 0.1, counts: "promoted" },
  { column: "−10 % stopped", effect: -0.1, counts: "stopped" },
  { column: "−5 % promoted", effect: -0.05, counts: "promoted" },
  { column: "−5 % stopped", effect: -0.05, counts: "stopped" },
  { column: "A/A stopped", effect: 0, counts: "stopped" },
] as const;

/** Percent at 48 hours and 7 days for A/A, +5 %, +10 % and −10 %, in the order of EFFECTS, by traffic and size. */
const METHOD: Record<string, readonly (readonly Percents[])[]> = {
  "fixed 10 %": [
    [
      [0, 1],
      [0, 10],
      [0, 39],
      [1, 61],
    ],
    [
      [0, 2],
      [1, 24],
      [8, 73],
      [22, 96],
    ],
    [
      [1, 3],
      [5, 41],
      [49, 96],
      [76, 100],
    ],
    [
      [0, 2],
      [21, 68],
      [90, 100],
      [100, 100],
    ],
  ],
  ramp: [
    [
      [0, 1],
      [2, 24],
      [8, 80],
      [41, 98],
    ],
    [
      [0, 2],
      [4, 45],
      [36, 99],
      [80, 100],
    ],
    [
      [0, 2],
      [14, 71],
      [74, 100],
      [98, 100],
    ],
    [
      [0, 1],
      [44, 79],
      [100, 100],
      [100, 100],
    ],
  ],
};

const NAIVE: readonly (readonly [ratings: number, expected: Percents])[] = [
  [200, [40, 47]],
  [500, [32, 67]],
  [1000, [25, 71]],
  [2000, [14, 70]],
  [5000, [4.5, 69]],
];

const population = (changes: Partial<Population>): Population => ({ ...USUAL, ...changes });

function operating(): Cell[] {
  return TRAFFICS.flatMap(([traffic, steps]) =>
    SIZES.flatMap((ratings, size) =>
      EFFECTS.map(({ column, effect, counts, ...rest }, index): Cell => {
        const expected = METHOD[traffic]![size]![index];
        return {
          id: `${traffic}, n = ${ratings}, effect ${effect}`,
          table: "operating",
          row: `${traffic}, n = ${ratings}`,
          column,
          counts,
          world: { population: population({ ratings }), traffic: steps, effect },
          repetitions: effect === 0 ? REPETITIONS.identical : REPETITIONS.other,
          ...(expected ? { expected } : {}),
          ...("identical" in rest ? { identical: true } : {}),
        };
      }),
    ),
  );
}

function naive(): Cell[] {
  return NAIVE.flatMap(([ratings, expected]) =>
    [0, -0.05].flatMap((effect) =>
      (["half once, half all week", "everybody once"] as const).map(
        (coming): Cell => ({
          id: `naive, ${coming}, n = ${ratings}, effect ${effect}`,
          table: "naive",
          row: `n = ${ratings}`,
          column: `${effect === 0 ? "A/A" : "−5 %"}, ${coming}`,
          counts: "naive",
          world: { population: population({ ratings, coming }), traffic: fixedShare(), effect },
          repetitions: REPETITIONS.identical,
          ...(effect === 0 ? { expected } : {}),
        }),
      ),
    ),
  );
}

function coming(): Cell[] {
  const ways = ["half once, half all week", "everybody once", "half anew, half regulars"] as const;
  return ways.flatMap((way) =>
    ([1000, 5000] as const).flatMap((ratings) =>
      EFFECTS.slice(0, 4).map(
        ({ column, effect, counts, ...rest }, index): Cell => ({
          id: `${way}, n = ${ratings}, effect ${effect}`,
          table: "coming",
          row: `${way}, n = ${ratings}`,
          column,
          counts,
          world: { population: population({ ratings, coming: way }), traffic: fixedShare(), effect },
          repetitions: REPETITIONS.other,
          expected: METHOD["fixed 10 %"]![SIZES.indexOf(ratings)]![index]!,
          ...("identical" in rest ? { identical: true } : {}),
        }),
      ),
    ),
  );
}

const promoted = (row: string, world: Omit<World, "population">, changes: Partial<Population>): Cell => ({
  id: `robust: ${row}`,
  table: "robust",
  row,
  column: "promoted",
  counts: "promoted",
  world: { ...world, population: population(changes) },
  repetitions: world.effect === 0 ? REPETITIONS.identical : REPETITIONS.other,
  identical:
    world.effect === 0 && world.traffic !== SHARE_GROWS && world.silent === undefined && world.capped !== false,
});

function robust(): Cell[] {
  const fixed = fixedShare();
  return [
    promoted("A/A, approval 10 points up and down a day, fixed 10 %", { traffic: fixed, effect: 0 }, { drift: 0.1 }),
    promoted("A/A, the same, our ramp", { traffic: RAMP, effect: 0 }, { drift: 0.1 }),
    promoted(
      "A/A, the same, a share that grows, in one pot (not ours)",
      { traffic: SHARE_GROWS, effect: 0 },
      { drift: 0.1 },
    ),
    promoted("A/A, a share that grows, in one pot, no drift (not ours)", { traffic: SHARE_GROWS, effect: 0 }, {}),
    promoted(
      "A/A, ramp, n = 500, a user with 100 thumbs up",
      { traffic: RAMP, effect: 0 },
      { ratings: 500, zealot: 100 },
    ),
    promoted(
      "A/A, the same, all of a user's ratings counted (not ours)",
      { traffic: RAMP, effect: 0, capped: false },
      { ratings: 500, zealot: 100 },
    ),
    promoted("A/A, ratings arrive 12 hours late on average", { traffic: fixed, effect: 0 }, { delay: 12 }),
    promoted("+10 %, ratings arrive 12 hours late on average", { traffic: fixed, effect: 0.1 }, { delay: 12 }),
    promoted("+10 %, ratings arrive at once", { traffic: fixed, effect: 0.1 }, {}),
    promoted(
      "A/A, 5 % fewer ratings: the unhappy stay silent, no check",
      { traffic: fixed, effect: 0, silent: 0.05 },
      { ratings: 5000 },
    ),
  ];
}

export const CELLS: readonly Cell[] = [...operating(), ...naive(), ...coming(), ...robust()];

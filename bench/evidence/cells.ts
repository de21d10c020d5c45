// What is simulated: every cell of the tables, with the figures that the method's own page gives where it gives some.

import { type Population, USUAL } from "./population.ts";
import type { World } from "./simulate.ts";
import { fixedShare, RAMP, SHARE_GROWS, type Traffic } from "./traffic.ts";

/** Percent at 48 hours and at 7 days. */
export type Percents = readonly [at48: number, atWeek: number];

export interface Cell {
  /** Also the name of its chance: the same id gives the same experiments. */
  id: string;
  table: "operating" | "naive" | "coming" | "robust" | "sample ratio";
  row: string;
  column: string;
  /** What is counted: verdicts, what the naive rule does (once, and at every look), or the failure of a check. */
  counts: "promoted" | "asked" | "stopped" | "naive" | "sample ratio";
  world: World;
  repetitions: number;
  /** The method's figures, where it gives some. */
  expected: Percents | null;
  /** Identical models by our rule, which must hardly ever be promoted. */
  identical: boolean;
}

const SIZES = [500, 1000, 2000, 5000] as const;
const REPETITIONS = { identical: 2000, other: 1000 };

const TRAFFICS: readonly [name: string, traffic: Traffic][] = [
  ["fixed 10 %", fixedShare()],
  ["ramp", RAMP],
];

const EFFECTS = [
  { column: "A/A promoted", effect: 0, counts: "promoted", identical: true },
  { column: "+5 % promoted", effect: 0.05, counts: "promoted", identical: false },
  { column: "+10 % promoted", effect: 0.1, counts: "promoted", identical: false },
  { column: "−10 % stopped", effect: -0.1, counts: "stopped", identical: false },
  { column: "−5 % promoted", effect: -0.05, counts: "promoted", identical: false },
  { column: "−5 % stopped", effect: -0.05, counts: "stopped", identical: false },
  { column: "A/A stopped", effect: 0, counts: "stopped", identical: false },
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
  return TRAFFICS.flatMap(([name, traffic]) =>
    SIZES.flatMap((ratings, size) =>
      EFFECTS.map(({ column, effect, counts, identical }, index) =>
        cell("operating", `${name}, n = ${ratings}`, column, counts, {
          world: { population: population({ ratings }), traffic, effect },
          expected: METHOD[name]![size]![index],
          identical,
        }),
      ),
    ),
  );
}

function naive(): Cell[] {
  return NAIVE.flatMap(([ratings, expected]) =>
    [0, -0.05].flatMap((effect) =>
      (["half once, half all week", "everybody once"] as const).map((coming) =>
        cell("naive", `n = ${ratings}`, `${effect === 0 ? "A/A" : "−5 %"}, ${coming}`, "naive", {
          world: { population: population({ ratings, coming }), traffic: fixedShare(), effect, hours: 48 },
          expected: effect === 0 ? expected : undefined,
        }),
      ),
    ),
  );
}

function coming(): Cell[] {
  return (["everybody once", "half anew, half regulars"] as const).flatMap((way) =>
    ([1000, 5000] as const).flatMap((ratings) =>
      EFFECTS.slice(0, 4).map(({ column, effect, counts, identical }, index) =>
        cell("coming", `${way}, n = ${ratings}`, column, counts, {
          world: { population: population({ ratings, coming: way }), traffic: fixedShare(), effect },
          expected: METHOD["fixed 10 %"]![SIZES.indexOf(ratings)]![index],
          identical,
        }),
      ),
    ),
  );
}

function robust(): Cell[] {
  const traffic = fixedShare();
  const promoted = (row: string, world: Omit<World, "population">, changes: Partial<Population>, identical = false) =>
    cell("robust", row, "promoted", "promoted", { world: { ...world, population: population(changes) }, identical });
  const hours = { drift: 0.1, ratings: 5000 };
  const zealot = { zealot: 100, ratings: 500 };
  const few = { ratingRate: 0.2, ratings: 2000 };
  const rated = (
    row: string,
    effect: number,
    changes: Partial<Population>,
    missing: Pick<World, "silent" | "zeal"> = {},
  ) => {
    const world = { traffic, effect, plannedShare: 0.1, ...missing };
    return [
      promoted(row, world, changes, effect === 0),
      cell("robust", row, "promoted, or a person asked", "asked", {
        world: { ...world, population: population(changes) },
      }),
    ];
  };
  return [
    promoted("A/A, approval moves by 10 points with the hour, n = 5,000", { traffic, effect: 0 }, hours, true),
    promoted("A/A, the same, our ramp", { traffic: RAMP, effect: 0 }, hours, true),
    promoted("A/A, the same, a share that grows and one pot (not ours)", { traffic: SHARE_GROWS, effect: 0 }, hours),
    promoted("A/A, our ramp, n = 500, one user gives 100 thumbs up", { traffic: RAMP, effect: 0 }, zealot, true),
    promoted("A/A, the same, every rating counted (not ours)", { traffic: RAMP, effect: 0, capped: false }, zealot),
    promoted("A/A, ratings arrive 12 hours late", { traffic, effect: 0 }, { delay: 12 }, true),
    promoted("+10 %, ratings arrive at once", { traffic, effect: 0.1 }, {}),
    promoted("+10 %, ratings arrive 12 hours late", { traffic, effect: 0.1 }, { delay: 12 }),
    ...rated("A/A, one answer in five is rated", 0, few),
    ...rated("A/A, the same, 5 % of the challenger's ratings missing, all thumbs down", 0, few, { silent: 0.05 }),
    ...rated("A/A, the same, 5 % of the champion's ratings missing, all thumbs up", 0, few, { zeal: 0.05 }),
    ...rated("A/A, every answer rated, but for 5 % of the challenger's, all thumbs down", 0, {}, { silent: 0.05 }),
    promoted("A/A, the same, without the feedback-rate check (not ours)", { traffic, effect: 0, silent: 0.05 }, {}),
    ...rated("+10 %, every answer rated", 0.1, {}),
    ...rated("+10 %, one answer in two is rated", 0.1, { ratingRate: 0.5 }),
    ...rated("+10 %, one answer in five is rated", 0.1, few),
  ];
}

/** How often the sample-ratio check fails: on an assignment as planned, and on 12 % where 10 % were. */
function sampleRatio(): Cell[] {
  return [...SIZES, 20_000].flatMap((ratings) =>
    ([0.1, 0.12] as const).map((share) =>
      cell("sample ratio", `n = ${ratings}`, `${share * 100} % for 10 %`, "sample ratio", {
        world: {
          population: population({ ratings }),
          traffic: fixedShare(share),
          effect: 0,
          plannedShare: 0.1,
          lookOn: true,
        },
        repetitions: 200,
      }),
    ),
  );
}

function cell(
  table: Cell["table"],
  row: string,
  column: string,
  counts: Cell["counts"],
  rest: { world: World; expected?: Percents | undefined; identical?: boolean; repetitions?: number },
): Cell {
  const { world, expected = null, identical = false } = rest;
  const repetitions = rest.repetitions ?? (world.effect === 0 ? REPETITIONS.identical : REPETITIONS.other);
  // Two cells that count different things in the same world are about the same experiments.
  return { id: JSON.stringify(world), table, row, column, counts, world, expected, identical, repetitions };
}

export const CELLS: readonly Cell[] = [...operating(), ...naive(), ...coming(), ...robust(), ...sampleRatio()];

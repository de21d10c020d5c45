// `npm run crash`: the kill matrix, point by point and victim by victim. Exit code 1 unless every chosen cell is green.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { CellResult } from "./cell.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { type Cell, cellsOf, groupsOf, type Point, VICTIMS } from "./matrix.ts";
import { SAMPLE_CELLS } from "./sample.ts";
import { cellLine, matrixTable, togetherLines } from "./table.ts";

const USAGE = `usage: npm run crash [-- OPTIONS]

  --only TEXT    points whose name holds TEXT
  --victim NAME  ${VICTIMS.join(", ")}
  --sample       the few cells that npm test runs
  --lanes N      lives side by side, each on servers of its own (default: 5)
  --together N   cells in one life (default: 8); those of a life in which something went wrong are run again one by one
  --list         only list the points and who dies at each
  --json FILE    keep points and results there; what is in it already is not run again
  --red          with --json: run again what was red
  --show         with --json: run nothing, and show what is in it
  --minutes N    begin no cell after N minutes; the next run with the same --json goes on
  --table FILE   write the table there, as Markdown; between its marks, as in docs/durability.md
`;

/** What --json keeps. */
interface Kept {
  points: Point[];
  results: CellResult[];
  /** Minutes that runs have taken together. */
  minutes: number;
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    victim: { type: "string" },
    sample: { type: "boolean", default: false },
    lanes: { type: "string", default: "5" },
    together: { type: "string", default: "8" },
    list: { type: "boolean", default: false },
    json: { type: "string" },
    red: { type: "boolean", default: false },
    show: { type: "boolean", default: false },
    minutes: { type: "string", default: "1000" },
    table: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const began = Date.now();
const minutesSince = () => (Date.now() - began) / 60_000;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const isGreen = ({ faults }: CellResult) => faults.length === 0;
const isSame = (one: Cell, other: Cell) => one.point.name === other.point.name && one.victim === other.victim;

async function main(): Promise<number> {
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const kept: Kept =
    values.json !== undefined && existsSync(values.json)
      ? (JSON.parse(readFileSync(values.json, "utf8")) as Kept)
      : { points: [], results: [], minutes: 0 };
  if (values.red) kept.results = kept.results.filter(isGreen);
  if (values.show) return show(choose(kept), kept);
  say(`opening ${values.lanes} lanes`);
  const lanes = await openLanes(Number(values.lanes));
  try {
    return await runChosen(lanes, kept);
  } finally {
    await lanes.close();
  }
}

function choose({ points }: Kept): Cell[] {
  return cellsOf(points).filter(
    ({ point, victim }) =>
      (values.only === undefined || point.name.includes(values.only)) &&
      (values.victim === undefined || victim === values.victim) &&
      (!values.sample || SAMPLE_CELLS.some((cell) => isSame(cell, { point, victim }))),
  );
}

const resultOf = ({ results }: Kept, cell: Cell) => results.find((result) => isSame(result.cell, cell));

/** Shows the table; the exit code. */
function show(chosen: readonly Cell[], kept: Kept): number {
  const results = chosen.flatMap((cell) => resultOf(kept, cell) ?? []);
  const table = matrixTable(chosen, results, kept.minutes);
  say(table);
  if (values.table !== undefined) keepTable(values.table, table);
  return chosen.length > 0 && results.length === chosen.length && results.every(isGreen) ? 0 : 1;
}

async function runChosen(lanes: Lanes, kept: Kept): Promise<number> {
  if (kept.points.length === 0) {
    say("recording every life once on each");
    kept.points = await lanes.record();
  }
  const chosen = choose(kept);
  say(`${kept.points.length} points, ${chosen.length} cells chosen`);
  if (values.list) for (const { point, victim } of chosen) say(`${victim.padEnd(10)} ${point.name}`);
  const waiting = values.list ? [] : chosen.filter((cell) => resultOf(kept, cell) === undefined);
  let done = chosen.length - waiting.length;
  const minutesBefore = kept.minutes;
  await lanes.run(
    groupsOf(waiting, Number(values.together)),
    (result) => {
      kept.results.push(result);
      kept.minutes = minutesBefore + minutesSince();
      say(cellLine(result, ++done, chosen.length));
      if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(kept, null, 1));
    },
    {
      enough: () => minutesSince() > Number(values.minutes),
      tried: (results) => say(togetherLines(results)),
    },
  );
  kept.minutes = minutesBefore + minutesSince();
  return values.list ? 0 : show(chosen, kept);
}

/** Puts the table between its marks where the file has them; else the file holds the table alone. */
function keepTable(path: string, table: string): void {
  const marks = /(<!-- the kill matrix -->\n)[\s\S]*(<!-- the end of the kill matrix -->)/;
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  writeFileSync(
    path,
    marks.test(text) ? text.replace(marks, (_, begin, end) => `${begin}${table}\n${end}`) : `${table}\n`,
  );
}

process.exit(await main());

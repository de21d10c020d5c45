// The simulation's figures beside those of the method's page, with a flag where they do not agree.

import type { Table } from "../table.ts";
import { CELLS, type Cell } from "./cells.ts";
import type { Counted, Counts } from "./count.ts";

/** A/A may promote so many, and power may differ from the method's by so much, in percent. */
const MOST_FALSE = 5;
const MOST_OFF = 5;

export interface CellResult {
  table: Cell["table"];
  row: string;
  column: string;
  repetitions: number;
  /** Percent; for the naive rule: asked once at 48 hours, and at every look until then. */
  at48: number;
  atWeek: number;
  expected: readonly [number, number] | null;
  /** Identical models promoted too often, or a figure too far from the method's; null when all is well. */
  flag: "too many" | "off" | null;
}

export interface SimulationReport {
  tables: Table[];
  cells: CellResult[];
  limits: { limit: string; holds: boolean }[];
}

const TITLES: Record<Cell["table"], string> = {
  operating: "Our rule: percent at 48 hours / 7 days (the method's figures)",
  naive:
    "The naive rule at 10 %: percent promoted when asked once, at 48 hours / at every look until then (the method's figures)",
  coming: "Our rule, fixed 10 %, by how users come: percent at 48 hours / 7 days (the method's figures)",
  robust: "Our rule where something is amiss, fixed 10 %, n = 2,000 unless said: percent promoted at 48 hours / 7 days",
  "sample ratio": "The sample-ratio check: percent of experiments in which it has failed by 48 hours / 7 days",
};

/** What the counts come to. `strict` also judges the limits; without it, as with few repetitions, they are left out. */
export function simulationReport(counted: ReadonlyMap<string, Counts>, strict: boolean): SimulationReport {
  const cells = CELLS.map((cell) => resultOf(cell, counted.get(cell.id)!));
  const tables = (Object.keys(TITLES) as Cell["table"][]).map((table) => tableOf(table, cells));
  return { tables, cells, limits: strict ? limitsOf(cells) : [] };
}

function resultOf(cell: Cell, counts: Counts): CellResult {
  const { table, row, column, expected, identical } = cell;
  const percent = (count: number) => (100 * count) / counts.repetitions;
  const { by48, byWeek } = countedOf(cell, counts);
  const [at48, atWeek] = [percent(by48), percent(byWeek)];
  const off =
    expected !== null && (Math.abs(at48 - expected[0]) > MOST_OFF || Math.abs(atWeek - expected[1]) > MOST_OFF);
  const flag = identical && Math.max(at48, atWeek) > MOST_FALSE ? "too many" : off ? "off" : null;
  return { table, row, column, repetitions: counts.repetitions, at48, atWeek, expected, flag };
}

function countedOf({ counts: what }: Cell, counts: Counts): Counted {
  if (what === "promoted" || what === "asked" || what === "stopped" || what === "naive") return counts[what];
  return counts.failed[what] ?? { by48: 0, byWeek: 0 };
}

function tableOf(table: Cell["table"], results: readonly CellResult[]): Table {
  const cells = results.filter((cell) => cell.table === table);
  const columns = [...new Set(cells.map(({ column }) => column))];
  const rows = [...new Set(cells.map(({ row }) => row))].map((row) => [
    row,
    ...columns.map((column) => textOf(cells.find((cell) => cell.row === row && cell.column === column))),
  ]);
  return { title: TITLES[table], columns: ["", ...columns], rows };
}

function textOf(cell: CellResult | undefined): string {
  if (cell === undefined) return "";
  const beside = cell.expected === null ? "" : ` (${cell.expected.join(" / ")})`;
  return `${cell.at48.toFixed(1)} / ${cell.atWeek.toFixed(1)}${beside}${cell.flag === null ? "" : ` ${cell.flag.toUpperCase()}`}`;
}

function limitsOf(cells: readonly CellResult[]): SimulationReport["limits"] {
  const falsely = cells.filter(({ flag }) => flag === "too many");
  const off = cells.filter(({ table, flag }) => table === "operating" && flag === "off");
  const named = (found: readonly CellResult[]) => found.map(({ row, column }) => `${row}, ${column}`).join("; ");
  return [
    {
      limit: `identical models are promoted in at most ${MOST_FALSE} % of experiments in every cell${falsely.length ? `, but not in: ${named(falsely)}` : ""}`,
      holds: falsely.length === 0,
    },
    {
      limit: `power lies within ${MOST_OFF} points of the method's tables${off.length ? `, but not in: ${named(off)}` : ""}`,
      holds: off.length === 0,
    },
  ];
}

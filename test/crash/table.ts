// How the matrix is shown: a line for each cell while it runs, and a table of points and victims at the end.
import { availableParallelism } from "node:os";
import type { CellResult } from "./cell.ts";
import { type Cell, VICTIMS, type Victim } from "./matrix.ts";

export function cellLine(
  { cell, faults, recoverySeconds, seconds, together, said }: CellResult,
  number: number,
  all: number,
): string {
  const { point, victim } = cell;
  const took = `${seconds.toFixed(0)} s with ${together - 1} more, recovered in ${recoverySeconds === null ? "no time" : `${recoverySeconds.toFixed(1)} s`}`;
  const head = `${faults.length === 0 ? "green" : "RED  "} ${number}/${all} ${victim}: ${point.name} (${took})`;
  const more = [...faults.map((fault) => `    ${fault}`), ...said.map((line) => `      | ${line}`)];
  return [head, ...more].join("\n");
}

/** What went wrong in a life with several cells, before each of them is tried alone. */
export function togetherLines(results: readonly CellResult[]): string {
  const faults = new Set(results.flatMap((result) => result.faults));
  return [
    "together, and now each alone:",
    ...results.map(({ cell }) => `    ${cell.victim}: ${cell.point.name}`),
    ...[...faults].map((fault) => `  wrong: ${fault}`),
    ...(results[0]?.said ?? []).map((line) => `      | ${line}`),
  ].join("\n");
}

/** Markdown: seconds from the kill to the next thing done where it is green, RED where not, nothing where nobody dies. */
export function matrixTable(cells: readonly Cell[], results: readonly CellResult[], minutes: number): string {
  const points = [...new Map(cells.map(({ point }) => [point.name, point])).values()];
  const green = results.filter(({ faults }) => faults.length === 0).length;
  const of = (name: string, victim: Victim) => {
    const found = results.find(({ cell }) => cell.point.name === name && cell.victim === victim);
    if (found === undefined) return "";
    if (found.faults.length > 0) return "**RED**";
    return found.recoverySeconds === null ? "ok" : found.recoverySeconds.toFixed(1);
  };
  const row = (columns: readonly string[]) => `| ${columns.join(" | ")} |`;
  return [
    `${points.length} points, ${results.length} of ${cells.length} cells: ${green} green, ${results.length - green} red; ${minutes.toFixed(0)} minutes on ${machine()}, ${new Date().toISOString().slice(0, 10)}.`,
    "",
    row(["point", ...VICTIMS]),
    row(["---", ...VICTIMS.map(() => "---:")]),
    ...points.map(({ name, audit }) =>
      row([audit === null ? name : `${name} (${audit})`, ...VICTIMS.map((victim) => of(name, victim))]),
    ),
  ].join("\n");
}

function machine(): string {
  return `${availableParallelism()} cores, Node ${process.versions.node}`;
}

// `npm run crash`: the whole kill matrix, point by point and victim by victim. Exit code 1 when any cell is red.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { CellResult } from "./cell.ts";
import { openLanes } from "./lanes.ts";
import { type Cell, cellsOf, VICTIMS } from "./matrix.ts";
import { inSample } from "./sample.ts";
import { cellLine, matrixTable } from "./table.ts";

const USAGE = `usage: npm run crash [-- --only TEXT] [--victim NAME] [--sample] [--lanes N] [--list] [--json FILE] [--table FILE]

  --only TEXT    points whose name holds TEXT
  --victim NAME  ${VICTIMS.join(", ")}
  --sample       the few cells that npm test runs
  --lanes N      lives side by side, each on servers of its own (default: 5)
  --list         only list the points and who dies at each
  --json FILE    write the results there, too
  --table FILE   write the table there, as Markdown
`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    victim: { type: "string" },
    sample: { type: "boolean", default: false },
    lanes: { type: "string", default: "5" },
    list: { type: "boolean", default: false },
    json: { type: "string" },
    table: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const began = Date.now();
  say(`opening ${values.lanes} lanes and recording every life once on each`);
  const lanes = await openLanes(Number(values.lanes));
  try {
    const wanted = ({ point, victim }: Cell) =>
      (values.only === undefined || point.name.includes(values.only)) &&
      (values.victim === undefined || victim === values.victim) &&
      (!values.sample || inSample({ point, victim }));
    const cells = cellsOf(lanes.points).filter(wanted);
    say(`${lanes.points.length} points; ${cells.length} cells chosen`);
    if (values.list) {
      for (const { point, victim } of cells) say(`${victim.padEnd(10)} ${point.name}`);
      return 0;
    }
    const results: CellResult[] = [];
    await lanes.run(cells, (result) => {
      results.push(result);
      say(cellLine(result, results.length, cells.length));
    });
    const table = matrixTable(cells, results, (Date.now() - began) / 1000);
    say(table);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
    if (values.table !== undefined) writeFileSync(values.table, `${table}\n`);
    const green = results.filter((result) => result.faults.length === 0);
    return cells.length > 0 && green.length === cells.length ? 0 : 1;
  } finally {
    await lanes.close();
  }
}

process.exit(await main());

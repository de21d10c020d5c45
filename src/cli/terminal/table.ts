// Tables that fit a terminal: columns as wide as they need, one of them cut short when the line would break.

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: "right";
}

/** Standard terminals are this wide; the last column gives way. */
const WIDTH = 80;
const GAP = "  ";
const NARROWEST = 12;

/** The lines of a table, its titles first. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.value(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]!.length)));
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  widths[widths.length - 1] = Math.min(widths.at(-1)!, Math.max(NARROWEST, WIDTH - others));
  return cells.map((line) =>
    line
      .map((cell, index) => fit(cell, widths[index]!, columns[index]!.align))
      .join(GAP)
      .trimEnd(),
  );
}

/** Labels in one column, values in the other; a long value goes on below itself. Values that are null are left out. */
export function facts(pairs: readonly (readonly [label: string, value: string | null])[]): string[] {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  const indent = Math.max(...shown.map(([label]) => label.length)) + GAP.length;
  return shown.flatMap(([label, value]) =>
    wrap(value, WIDTH - indent).map((line, index) => `${(index === 0 ? label : "").padEnd(indent)}${line}`),
  );
}

/** Breaks a text at spaces into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function fit(cell: string, width: number, align: "right" | undefined): string {
  const text =
    cell.length <= width
      ? cell
      : `${cell
          .slice(0, width - 1)
          .toWellFormed()
          .replace(/\uFFFD$/, "")}…`;
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}

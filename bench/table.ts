// A table with aligned columns, for people.

export interface Table {
  title: string;
  columns: string[];
  rows: string[][];
}

/** The first `left` columns are aligned to the left, the others to the right. */
export function aligned(lines: readonly (readonly string[])[], left: number): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}

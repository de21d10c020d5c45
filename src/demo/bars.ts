// Shares as bars of text, and an interval on a scale of text.

const FULL = "█";
const PARTS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A share from 0 to 1 as a bar of at most `width` characters, to an eighth of a character, padded to the width. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return `${FULL.repeat(Math.floor(eighths / 8))}${PARTS[eighths % 8]}`.padEnd(width);
}

export interface Interval {
  readonly lower: number;
  readonly middle: number;
  readonly upper: number;
}

/**
 * An interval on a scale from `from` to `to`, `width` characters wide, with the point 0 marked: `    │  [──●──]  `.
 * An end beyond the scale is drawn as `‹` or `›` at its edge.
 */
export function intervalLine(
  { lower, middle, upper }: Interval,
  scale: { from: number; to: number },
  width: number,
): string {
  const last = width - 1;
  const place = (value: number) => Math.round(((value - scale.from) / (scale.to - scale.from)) * last);
  const inside = (value: number) => Math.min(last, Math.max(0, place(value)));
  const line = Array.from({ length: width }, () => " ");
  if (scale.from <= 0 && scale.to >= 0) line[inside(0)] = "│";
  for (let at = inside(lower); at <= inside(upper); at++) line[at] = at === inside(0) ? "┼" : "─";
  line[inside(lower)] = place(lower) < 0 ? "‹" : "[";
  line[inside(upper)] = place(upper) > last ? "›" : "]";
  line[inside(middle)] = "●";
  return line.join("");
}

/** What stands above intervals: the ends of their scale, in percentage points, and where 0 is. */
export function scaleLine({ from, to }: { from: number; to: number }, width: number): string {
  const [left, right] = [`${Math.round(100 * from)} pp`.replace("-", "−"), `+${Math.round(100 * to)} pp`];
  const zero = Math.round((-from / (to - from)) * (width - 1));
  return `${left.padEnd(zero)}0${right.padStart(width - zero - 1)}`;
}

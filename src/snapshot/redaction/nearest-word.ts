// What the words just before a number say it is: the nearest telling one decides.

const REACH = 40;

/**
 * The side whose word ends nearest before `position`, within 40 characters; undefined when there is none. Where two end
 * together ("tax id", "id") the earlier side counts. Patterns are global.
 */
export function nearestWord<Side extends string>(
  text: string,
  position: number,
  sides: Readonly<Record<Side, RegExp>>,
): Side | undefined {
  const before = text.slice(Math.max(0, position - REACH), position);
  let nearest: Side | undefined;
  let last = -1;
  for (const side of Object.keys(sides) as Side[]) {
    const found = lastEnd(before, sides[side]);
    if (found <= last) continue;
    last = found;
    nearest = side;
  }
  return nearest;
}

function lastEnd(text: string, pattern: RegExp): number {
  let last = -1;
  pattern.lastIndex = 0;
  while (pattern.test(text)) last = pattern.lastIndex;
  return last;
}

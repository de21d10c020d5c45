// What keeps an experiment from being promoted though its evidence was enough: for those who are to approve it, and for the record.

/** Of a check, what tells whether it stands in the way. */
interface Found {
  name: string;
  passed: boolean;
  acts?: string | undefined;
}

/** Checks that have not passed, and that no person's consent answers: with one of these an approval is refused, unless it overrides. */
export function inTheWay<Check extends Found>(checks: readonly Check[]): Check[] {
  return checks.filter(({ passed, acts }) => !passed && acts !== "asks");
}

/** Since which of its latest looks something stood in the way at each; null when nothing does at the last. Looks come the oldest first. */
export function inTheWaySince<Look extends { checks: readonly Found[] }>(looks: readonly Look[]): Look | null {
  const free = looks.findLastIndex(({ checks }) => inTheWay(checks).length === 0);
  return looks[free + 1] ?? null;
}

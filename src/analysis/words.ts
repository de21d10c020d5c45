// Numbers as people read them in reasons and alerts.

const DAY = 86_400_000;
const UNITS = [
  ["day", DAY],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** 1204 → "1,204". */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** 0.129 → "12.9 %", 0.1 → "10 %". */
export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

/** Milliseconds in the largest unit of which there are two (or one whole): 172800000 → "2 days", 11520000 → "3.2 hours". Rounds down, so that nothing reads as reached before it is. */
export function duration(milliseconds: number): string {
  const [name, size] = UNITS.find(([, each]) => milliseconds >= 2 * each) ??
    UNITS.find(([, each]) => milliseconds >= each) ?? ["second", 1_000];
  const value = Math.floor((10 * Math.max(0, milliseconds)) / size) / 10;
  return `${value} ${name}${value === 1 ? "" : "s"}`;
}

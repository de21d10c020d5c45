// Durations are written in words ("48 hours") wherever people meet them, and are milliseconds inside. Instants likewise.

const MILLISECONDS: Record<string, number> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_592_000_000, // thirty days: retention and reports need no calendar
};

const PATTERN = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+?)s?\s*$/i;

/** Why a text is not a duration, or null when it is one. */
export function durationFault(text: string): string | null {
  const match = PATTERN.exec(text);
  const unit = match?.[2]?.toLowerCase();
  if (unit !== undefined && Object.hasOwn(MILLISECONDS, unit)) return null;
  return `"${text}" is not a duration: write a number and a unit, as "30 minutes", "48 hours" or "7 days"`;
}

/** Milliseconds of a duration in words. Throws a RangeError that says how to write one. */
export function milliseconds(text: string): number {
  const fault = durationFault(text);
  const match = PATTERN.exec(text);
  if (fault !== null || match === null) throw new RangeError(fault ?? text);
  return Number(match[1]) * (MILLISECONDS[match[2]!.toLowerCase()] ?? 0);
}

/** A duration in words, in the largest unit that keeps it short: 172800000 → "2 days", 5400000 → "90 minutes". */
export function inWords(ms: number): string {
  const units = ["day", "hour", "minute", "second"] as const;
  const unit = units.find((name) => ms >= 2 * MILLISECONDS[name]!) ?? units.find((name) => ms >= MILLISECONDS[name]!);
  if (unit === undefined) return `${Math.round(ms)} milliseconds`;
  const count = Math.round((ms / MILLISECONDS[unit]!) * 10) / 10;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** An instant to the second, as Temporal's pages write it: "2026-11-27 13:15:21 UTC". */
export function instantInWords(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

// Finds when a weekly calendar last struck, in the time zone that people wrote it for.

export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Calendar {
  readonly days: readonly Weekday[];
  /** "03:00", in `timeZone`. */
  readonly at: string;
  /** As "Europe/Berlin" or "UTC". */
  readonly timeZone: string;
}

const DAY = 86_400_000;

/** The last moment at or before `asOf` at which the calendar struck; null when it names no day. Throws a RangeError for a time zone that does not exist. */
export function lastStrike(calendar: Calendar, asOf: Date): Date | null {
  const [hour = 0, minute = 0] = calendar.at.split(":").map(Number);
  const today = wallClock(asOf, calendar.timeZone);
  // Today and the seven days before: today's strike may still be to come.
  for (let back = 0; back <= 7; back += 1) {
    const wall = Math.floor(today / DAY) * DAY - back * DAY + (hour * 60 + minute) * 60_000;
    const weekday = WEEKDAYS[new Date(wall).getUTCDay()];
    if (weekday === undefined || !calendar.days.includes(weekday)) continue;
    const strike = instantOf(wall, calendar.timeZone);
    if (strike <= asOf.getTime()) return new Date(strike);
  }
  return null;
}

/** What the clock on the wall shows, as milliseconds as if it were UTC. */
function wallClock(instant: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(instant);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/** The instant at which the wall shows this; asked twice, since the first guess may fall on the other side of a change of clocks. */
function instantOf(wall: number, timeZone: string): number {
  const guess = wall - (wallClock(new Date(wall), timeZone) - wall);
  return guess - (wallClock(new Date(guess), timeZone) - wall);
}

// How numbers and instants read on a terminal: with their units, in UTC.

/** 12345 → "12,345". */
export const figure = (value: number): string => value.toLocaleString("en-US");

/** A share from 0 to 1: 0.8333 → "83.3 %". */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** "2026-01-31T04:05:06.789Z" → "2026-01-31 04:05 UTC". */
export const instant = (text: string): string => `${new Date(text).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** "1 rating", "2 ratings". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${figure(value)} ${value === 1 ? one : many}`;

/** Where there is little room: 9,999, 57 k, 1.2 M. */
export function rough(value: number): string {
  if (value < 10_000) return figure(value);
  return value < 999_500 ? `${Math.round(value / 1000)} k` : `${figure(Math.round(value / 100_000) / 10)} M`;
}

/** Bytes: 812 → "812 B", 1234567 → "1.2 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${["", "kB", "MB", "GB", "TB"][power]}`;
}

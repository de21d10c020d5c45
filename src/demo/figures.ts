// How the demo writes shares, differences and counts.
import { figure, percent } from "../cli/terminal/figures.ts";
import type { Approval } from "./ledger.ts";

/** A difference of shares in percentage points: 0.213 → "+21.3 pp". */
export const points = (difference: number): string => `${signed(difference)} pp`;

/** A relative change: 0.213 → "+21.3 %". */
export const lift = (change: number): string => `${signed(change)} %`;

/** "1,204 ratings, 83.3 % thumbs up"; "no ratings yet". */
export function approvalWords({ ratings, share }: Approval): string {
  return share === null ? "no ratings yet" : `${figure(ratings)} ratings, ${percent(share)} thumbs up`;
}

function signed(share: number): string {
  const rounded = (100 * Math.abs(share)).toFixed(1);
  return `${share < 0 && rounded !== "0.0" ? "−" : "+"}${rounded}`;
}

// How traffic meets the challenger in a simulated experiment: a fixed share, our ramp, and the ramp that others use.

import type { RoutingDocument } from "../../src/evidence/assignment.ts";

export interface TrafficStep {
  /** Hours since the start from which it holds. */
  from: number;
  share: number;
  entered: readonly number[];
}

export type Traffic = readonly TrafficStep[];

/** A tenth of the users from the first hour to the last; `share` is the share that is really served. */
export function fixedShare(share = 0.1): Traffic {
  return [{ from: 0, share, entered: [1] }];
}

/** 10 %, 25 % from 12 hours, 50 % from 24 hours meet the challenger, as many meet the champion, and nobody else counts. */
export const RAMP: Traffic = [
  { from: 0, share: 0.5, entered: [0.2] },
  { from: 12, share: 0.5, entered: [0.2, 0.5] },
  { from: 24, share: 0.5, entered: [0.2, 0.5, 1] },
];

/** What many systems do: the share itself grows, users change sides, and all ratings are thrown into one pot. */
export const SHARE_GROWS: Traffic = [
  { from: 0, share: 0.1, entered: [1] },
  { from: 12, share: 0.25, entered: [1] },
  { from: 24, share: 0.5, entered: [1] },
];

/** The routing document of a step. */
export function routingOf({ share, entered }: TrafficStep, salt: string): RoutingDocument {
  return {
    loop: "simulated",
    version: 1,
    expires_at: "2100-01-01T00:00:00.000Z",
    champion: { id: "m1", name: "base" },
    experiment: {
      id: "x1",
      challenger: { id: "m2", name: "tuned" },
      salt,
      share,
      entered,
      serve_until: "2100-01-01T00:00:00.000Z",
    },
    probation: null,
  };
}

// Did what is compared change in mid-experiment? A new system prompt, or a provider's new model under the old name, makes two
// experiments of one.

import { percent } from "../figures.ts";
import type { Check } from "./check.ts";

/** One value that a variant's requests carried: how often in the first part of the experiment, and how often in the latest. */
export interface ValueSeen {
  /** A digest, never the text itself. Best taken with dates, times and numbers left out, which change by themselves. */
  value: string;
  first: number;
  latest: number;
}

/** All distinct values of one thing on one side. */
export interface Watched {
  what: "system prompt" | "model"; // the model as the provider names it in its answers
  variant: "champion" | "challenger";
  seen: readonly ValueSeen[];
}

/** Fewer requests in either part say nothing. */
const LEAST_REQUESTS = 100;
/** A value that is rarer than this in its part is no steady one. */
const STEADY = 0.2;
/** Values that come back less often than this on average differ from request to request (a date, a name, a document in the prompt). */
const LEAST_REPEATS = 10;

/**
 * Changed is what had a steady value (a fifth of one part or more) that the other part has not seen at all, where both parts have a
 * hundred requests. Prompts that differ in every request are left alone: they hold no steady value. A value that only becomes rarer or
 * more frequent is traffic, not a change.
 */
export function checkChanges(watched: readonly Watched[]): Check {
  const changed = watched.flatMap((one) => {
    const share = changedShare(one.seen);
    return share === 0 ? [] : [{ ...one, share }];
  });
  const passed = changed.length === 0;
  const compared = watched.some(({ seen }) => partsOf(seen).every(tells));
  return {
    name: "changes",
    passed,
    ...(passed && !compared ? { told: "not checked" as const } : {}),
    acts: "holds",
    alarm: !passed,
    words: passed
      ? compared
        ? "system prompt and models are as they were at the start"
        : watched.length === 0
          ? "no system prompts and models were counted"
          : `it takes ${LEAST_REQUESTS} requests at the start and ${LEAST_REQUESTS} of late, whose prompts or models come back`
      : `${changed.map(({ what, variant, share }) => `the ${variant}'s ${what} has changed since the experiment started (in ${percent(share)} of its requests)`).join(", ")}: what is compared now is not what was compared at first; change it back, or stop this experiment and start another`,
    numbers: { changed: changed.length, largestShare: Math.max(0, ...changed.map(({ share }) => share)) },
  };
}

/** The largest share of a part that a value has which the other part lacks; 0 when nothing steady came or went. */
export function changedShare(seen: readonly ValueSeen[]): number {
  const parts = partsOf(seen);
  if (!parts.every(tells)) return 0;
  const shares = parts.flatMap(({ part, present, requests }) =>
    present
      .filter((value) => value[part === "first" ? "latest" : "first"] === 0)
      .map((value) => value[part] / requests),
  );
  const largest = Math.max(0, ...shares);
  return largest >= STEADY ? largest : 0;
}

interface Part {
  part: "first" | "latest";
  present: readonly ValueSeen[];
  requests: number;
  /** How often a value comes back, on average. */
  repeats: number;
}

function partsOf(seen: readonly ValueSeen[]): Part[] {
  return (["first", "latest"] as const).map((part) => {
    const present = seen.filter((value) => value[part] > 0);
    const requests = present.reduce((sum, value) => sum + value[part], 0);
    return { part, present, requests, repeats: present.length === 0 ? 0 : requests / present.length };
  });
}

/** Whether a part has enough to tell what its steady values are. */
function tells({ requests, repeats }: Part): boolean {
  return requests >= LEAST_REQUESTS && repeats >= LEAST_REPEATS;
}

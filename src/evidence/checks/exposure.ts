// Has anybody met both models? Then assignment is broken somewhere, and the two sides are no longer two.

import type { Stratum } from "../estimate.ts";
import { counted, decimal, percent } from "../figures.ts";
import type { Check } from "./check.ts";

/** A few may come of devices that change hands, or of a clock that is wrong. */
const MOST = 0.01;

/** `crossed` units were seen in both variants. They are left out of every tally, so `rated` has the others that were exposed. */
export function checkExposure(rated: readonly Stratum[], crossed: number): Check {
  const others = rated.reduce((sum, { champion, challenger }) => sum + champion.users + challenger.users, 0);
  const share = crossed + others === 0 ? 0 : crossed / (crossed + others);
  const passed = share <= MOST;
  const found =
    crossed + others === 0
      ? "no users were counted: it takes everybody who had an answer of either model"
      : crossed === 0
        ? "nobody met both models"
        : `${decimal(crossed)} of ${counted(crossed + others, "user")} (${percent(share)}) met both models and ${crossed === 1 ? "is" : "are"} left out`;
  return {
    name: "exposure",
    passed,
    ...(crossed + others === 0 ? { told: "not checked" as const } : {}),
    acts: "holds",
    alarm: !passed,
    words: passed
      ? found
      : `${found}, and more than ${percent(MOST)} is a fault; see whether every client assigns by the same user id, and by the routing document`,
    numbers: { crossed, share },
  };
}

// Settings that are valid each by itself, and together undo what an experiment promises. Asked when they are applied, never of rows
// that are on record: an older version of a loop's settings stays readable whatever is asked of new ones.
import { inWords, milliseconds } from "./duration.ts";
import { Fault } from "./fault.ts";
import type { LoopSettings } from "./loop-settings.ts";

const DAY = milliseconds("1 day");
/** Looks this often serve the shortest experiment. */
const OFTEN = milliseconds("1 hour");

/** Throws a Fault that says which promise would not be kept. Of experiments that are switched off nothing is asked. */
export function refuseBrokenPromises({ experiment }: LoopSettings): void {
  const [every, least] = [milliseconds(experiment.lookEvery), milliseconds(experiment.minDuration)];
  if (!experiment.enabled) return;
  const fault =
    every > DAY
      ? "is longer than a day: harm is stopped at the next look, and would go on until then"
      : every > Math.max(least, OFTEN)
        ? `is longer than minDuration (${experiment.minDuration}): nobody would have looked by the time a promotion is allowed`
        : null;
  if (fault === null) return;
  const faults = [`"experiment.lookEvery" ${fault}`];
  throw new Fault("invalid", `the loop's settings are not valid: ${faults.join()}`, {
    hint: "correct these settings and apply them again; nothing was changed",
    details: { faults },
  });
}

/** What a person should know of settings that may be meant so. */
export function settingsWarnings({ probation }: Pick<LoopSettings, "probation">): string[] {
  const watched = milliseconds(probation.duration);
  return probation.holdback === 0 && watched > 0 ? [unwatched(watched)] : [];
}

/** Of a probation, in milliseconds, in which nobody keeps the champion before. */
export function unwatched(probation: number): string {
  return `probation.holdback is 0, so that for the ${inWords(probation)} after a promotion nobody keeps the champion before: probation compares nobody, and cannot roll back by itself`;
}

// What is wrong with a ramp: shares and times rise from step to step, and every step can be reached.
import { durationFault, milliseconds } from "./duration.ts";

export interface RampFault {
  /** Index of the step. */
  step: number;
  key: "share" | "from";
  fault: string;
}

/** The faults of a ramp as it stands in the settings, durations in words; one that does not parse is reported elsewhere. */
export function rampFaults(ramp: readonly { share: number; from: string }[], maxDuration: string): RampFault[] {
  if ([maxDuration, ...ramp.map(({ from }) => from)].some((text) => durationFault(text) !== null)) return [];
  return ramp.flatMap(({ share, from }, step) => {
    const before = ramp[step - 1];
    const [ofShare, ofTime] =
      before === undefined
        ? [null, faultOfFirst(from)]
        : [faultOfShare(share, before.share), faultOfTime(from, before.from, maxDuration)];
    return [
      ...(ofShare === null ? [] : [{ step, key: "share" as const, fault: ofShare }]),
      ...(ofTime === null ? [] : [{ step, key: "from" as const, fault: ofTime }]),
    ];
  });
}

function faultOfFirst(from: string): string | null {
  return milliseconds(from) > 0 ? `is ${from}: the first step begins with the experiment` : null;
}

function faultOfShare(share: number, before: number): string | null {
  if (share < before)
    return `goes down from ${before} to ${share}: a ramp only lets people in, and who has met the challenger keeps it`;
  return share === before ? `is ${share}, as in the step before: each step lets more people in` : null;
}

function faultOfTime(from: string, before: string, maxDuration: string): string | null {
  if (milliseconds(from) <= milliseconds(before))
    return `is ${from}, and the step before begins at ${before}: each step begins later`;
  return milliseconds(from) >= milliseconds(maxDuration)
    ? `is ${from}: by then the experiment is over (maxDuration is ${maxDuration})`
    : null;
}

// A duration as settings hold it: words, within bounds.
import { z } from "zod";
import { durationFault, milliseconds } from "./duration.ts";

/** Longer would not fit a date. */
const LONGEST = milliseconds("3650 days");

/** A duration in words, from `least` to ten years. */
export const durationFrom = (least: string) =>
  z.string().superRefine((text, context) => {
    const fault = durationFault(text);
    if (fault !== null) context.addIssue({ code: "custom", message: fault });
    else if (milliseconds(text) < milliseconds(least) || milliseconds(text) > LONGEST)
      context.addIssue({ code: "custom", message: `"${text}" is out of range: from ${least} to 3650 days` });
  });

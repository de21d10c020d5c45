// A duration on the command line, refused before anything is sent.
import { InvalidArgumentError } from "commander";
import { durationFault } from "../domain/duration.ts";

/** The text as given, or commander's error that says how to write a duration. */
export function duration(text: string): string {
  const fault = durationFault(text);
  if (fault !== null) throw new InvalidArgumentError(`${fault}.`);
  return text;
}

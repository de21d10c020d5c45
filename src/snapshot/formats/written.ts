// What comes of writing an example: a line, or the name of what the format cannot carry.
import { jsonLine } from "./json-line.ts";

/** Why a format refuses an example rather than lose a part of it without a word; counted under these names. */
export type CarryRule =
  | "images-not-carried"
  | "attachments-not-carried"
  | "tools-not-carried"
  | "names-not-carried"
  | "weights-not-carried"
  | "turns-not-carried"
  | "roles-not-carried"
  | "arguments-not-json";

export type Written =
  | {
      readonly kind: "line";
      /** Ends in a newline. */
      readonly line: string;
      /** What the line says, for the check of it. */
      readonly value: object;
    }
  | { readonly kind: "refused"; readonly rule: CarryRule };

export function written(value: object): Written {
  return { kind: "line", line: jsonLine(value), value };
}

export function refused(rule: CarryRule): Written {
  return { kind: "refused", rule };
}

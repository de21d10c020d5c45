// Chooses which lines of the operator's own file go into the training file: none that the gold set asks, or that the
// validation side would have seen, and no more than there is room for.

import { fingerprints } from "./fingerprint.ts";
import { type Ledger, questionNumber } from "./ledger.ts";
import { chooseRehearsal, type RehearsalLine } from "./rehearsal-file.ts";
import { exampleOf } from "./texts.ts";

/** `fresh` is how many rows train; `room` how many bytes are left for the lines. */
export function rehearseFromFile(
  lines: readonly RehearsalLine[],
  ledger: Ledger,
  validation: Uint32Array,
  {
    fresh,
    share,
    seed,
    room,
    isGold,
  }: {
    fresh: number;
    share: number;
    seed: string;
    room: number;
    isGold: (line: string) => boolean;
  },
): RehearsalLine[] {
  if (share === 0 || lines.length === 0) return [];
  const validates = new Set(Array.from(validation, ledger.asked));
  const fit = lines.filter(
    ({ line }) => !isGold(line) && !validates.has(questionNumber(fingerprints(exampleOf(line)).asked)),
  );
  let left = room;
  return chooseRehearsal(fit, { fresh, share, seed }).filter(({ line }) => {
    const bytes = Buffer.byteLength(line) + 1;
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}

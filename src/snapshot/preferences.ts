// What people preferred: a correction to the answer that it replaced, an answer rated up to one rated down on the same question.
// One JSON object a line, of which every format for preferences can be written.
import { canonicalJson } from "../domain/canonical-json.ts";
import type { Choice } from "./choose.ts";
import { jsonLine } from "./formats/json-line.ts";
import type { PreferencePair, RatedAnswer } from "./formats/training-input.ts";
import type { Ledger } from "./ledger.ts";
import { exampleOf, type Texts } from "./texts.ts";

/** The side of the split on which the people stand who said it. */
export type Side = "training" | "validation";

/** A pair with where it comes from: both are interactions' ids, the same one of a correction. */
export type PreferenceLine = PreferencePair & {
  readonly side: Side;
  readonly interactions: { readonly chosen: string; readonly rejected: string };
};

/** An answer that people did not want. */
export type RejectedLine = Omit<RatedAnswer, "label"> & { readonly side: Side; readonly interaction: string };

/** For each question the best row that is kept. */
export function bestByQuestion(ledger: Ledger): ReadonlyMap<number, number> {
  const best = new Map<number, number>();
  for (const row of ledger.byWorth()) if (!best.has(ledger.asked(row))) best.set(ledger.asked(row), row);
  return best;
}

/** The line of a correction, without its newline; null where it replaced nothing, or the same. */
export function correctionLine(ledger: Ledger, choice: Choice, row: number, texts: Texts): string | null {
  if (texts.replaced === "") return null;
  const chosen = exampleOf(texts.line).answer;
  const rejected = exampleOf(texts.replaced).answer;
  if (canonicalJson(chosen) === canonicalJson(rejected)) return null;
  const id = ledger.id(row);
  return lineOf({
    side: sideOf(choice, row),
    source: "correction",
    interactions: { chosen: id, rejected: id },
    ...asked(texts),
    chosen,
    rejected,
  });
}

/** The line of an answer rated up and one rated down on the same question. */
export function ratedLine(
  ledger: Ledger,
  choice: Choice,
  chosen: { row: number; texts: Texts },
  rejected: { row: number; texts: Texts },
): string {
  return lineOf({
    side: sideOf(choice, chosen.row),
    source: "rated",
    interactions: { chosen: ledger.id(chosen.row), rejected: ledger.id(rejected.row) },
    ...asked(chosen.texts),
    chosen: exampleOf(chosen.texts.line).answer,
    rejected: exampleOf(rejected.texts.line).answer,
  });
}

/** The line of an answer that people did not want; `line` is its own, which a correction has replaced or not. */
export function rejectedLine(ledger: Ledger, choice: Choice, row: number, texts: Texts, line: string): string {
  return lineOf({
    side: sideOf(choice, row),
    interaction: ledger.id(row),
    ...asked(texts),
    answer: exampleOf(line).answer,
  });
}

const sideOf = (choice: Choice, row: number): Side => (choice.isValidation(row) ? "validation" : "training");

/** What was asked; weights say what supervised training is to learn, and nothing here. */
function asked(texts: Texts): Pick<PreferencePair, "messages" | "tools"> {
  const { messages, tools } = exampleOf(texts.line);
  return { messages: messages.map(({ weight: _, ...message }) => message), ...(tools === undefined ? {} : { tools }) };
}

const lineOf = (line: PreferenceLine | RejectedLine) => jsonLine(line).slice(0, -1);

// The costly work on one interaction, done once: clean, redact, count, fingerprint. What comes out depends on the row and
// the recipe alone, so it can be kept.
import { lastUserText, messageText } from "../domain/message.ts";
import { answerMessage, isBlank, isEmptyAnswer } from "./answer.ts";
import { cleanExample, type Exchange } from "./clean-example.ts";
import { fingerprints } from "./fingerprint.ts";
import { type ExampleRule, finishedLine } from "./formats/check-line.ts";
import { gistOf } from "./gist.ts";
import { bandKeys, bandsToBytes } from "./near-duplicates/band-keys.ts";
import type { Recipe } from "./recipe.ts";
import { createRedactor, type Redactor } from "./redact.ts";

/** Why nothing may ever be learned from an interaction, whatever people said of it. */
export type Refusal =
  | "no-store"
  | "error"
  | "empty-prompt"
  | "empty-answer"
  | "too-long"
  | "nested-too-deeply"
  /** No trainer would take the line. */
  | ExampleRule;

export interface RowToPrepare extends Exchange {
  /** False: serve, but never learn from it. */
  readonly store: boolean;
  readonly error: string | null;
}

/** A pair of question and answer as it may be taught. */
export interface PreparedExample {
  /** For supervised training, in OpenAI's format, without its newline. */
  readonly line: string;
  readonly tokens: number;
  /** 16 bytes: equal for exact copies. */
  readonly fingerprint: Uint8Array;
  /** 16 bytes: equal for the same question. */
  readonly asked: Uint8Array;
  /** MinHash keys of the gist: near-copies share some. */
  readonly bands: Uint8Array;
  /** How many spans were replaced, by type. */
  readonly redactions: Readonly<Record<string, number>>;
}

export type Prepared = { readonly refused: Refusal } | ({ readonly refused: null } & PreparedExample);

export type Prepare = (row: RowToPrepare) => Prepared;

/** UTF-16 units of words: what is longer has more tokens than any trainer reads, and is not even redacted. */
const LONGEST = 2_000_000;
/** UTF-16 units of a whole line, images included. */
const LONGEST_LINE = 32_000_000;

/** Prepares rows by one recipe. Throws a Fault for a type of redaction that does not exist. */
export function createPrepare(recipe: Pick<Recipe, "redact" | "allow" | "turns">): Prepare {
  const redactor = createRedactor({ types: recipe.redact, allow: recipe.allow });
  return (row) => {
    const refused = refusalOf(row);
    return refused === null ? prepared(row, redactor, recipe.turns === "conversations") : { refused };
  };
}

/** The first rule that speaks against a row, consent before all others. */
function refusalOf(row: RowToPrepare): Refusal | null {
  if (!row.store) return "no-store";
  if (row.error !== null) return "error";
  if (isBlank(lastUserText(row.messages))) return "empty-prompt";
  const answer = answerMessage(row.response);
  if (isEmptyAnswer(answer)) return "empty-answer";
  const words = [...row.messages, answer].reduce((sum, message) => sum + messageText(message).length, 0);
  return words > LONGEST ? "too-long" : null;
}

function prepared(row: RowToPrepare, redactor: Redactor, isWhole: boolean): Prepared {
  const example = cleanExample(row, redactor);
  if (example === null) return { refused: "nested-too-deeply" };
  const finished = finishedLine("openai-sft", { ...example, whole: isWhole });
  if ("rule" in finished) return { refused: finished.rule };
  if (finished.line.length > LONGEST_LINE) return { refused: "too-long" };
  const { whole, asked } = fingerprints(example);
  return {
    refused: null,
    line: finished.line.slice(0, -1),
    tokens: finished.tokens,
    fingerprint: whole,
    asked,
    bands: bandsToBytes(bandKeys(gistOf(example.messages, example.answer))),
    redactions: example.redactions,
  };
}

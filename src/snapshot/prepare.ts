// The costly work on one interaction, done once: clean, redact, count, fingerprint. What comes out depends on the row and
// the recipe alone, so it can be kept.
import { lastUserText } from "../domain/message.ts";
import { answerMessage, isBlank, isEmptyAnswer } from "./answer.ts";
import { cleanExample, type Exchange } from "./clean-example.ts";
import { fingerprint } from "./fingerprint.ts";
import { asLine, trainingLine } from "./format.ts";
import { gistOf } from "./gist.ts";
import { bandKeys, bandsToBytes } from "./near-duplicates/band-keys.ts";
import type { Recipe } from "./recipe.ts";
import { createRedactor, type Redactor } from "./redact.ts";
import { countTokens } from "./tokens.ts";

/** Why nothing may ever be learned from an interaction, whatever people said of it. */
export type Refusal = "no-store" | "error" | "empty-prompt" | "empty-answer" | "too-long" | "nested-too-deeply";

export interface RowToPrepare extends Exchange {
  /** False: serve, but never learn from it. */
  readonly store: boolean;
  readonly error: string | null;
}

/** A pair of question and answer as it may be taught. */
export interface PreparedExample {
  /** For supervised training: one JSON object, without a newline. */
  readonly line: string;
  /** What was asked last, as JSON. */
  readonly prompt: string;
  /** The answer's message, as JSON. */
  readonly answer: string;
  readonly tokens: number;
  /** 16 bytes: equal for exact copies. */
  readonly fingerprint: Uint8Array;
  /** MinHash keys of the gist: near-copies share some. */
  readonly bands: Uint8Array;
  /** How many spans were replaced, by type. */
  readonly redactions: Readonly<Record<string, number>>;
}

export type Prepared = { readonly refused: Refusal } | ({ readonly refused: null } & PreparedExample);

export type Prepare = (row: RowToPrepare) => Prepared;

/** A trainer takes 65,536 tokens; nothing of this many UTF-16 units comes to fewer. */
const LONGEST = 1_000_000;
const MOST_TOKENS = 65_536;

/** Prepares rows by one recipe. Throws a Fault for a type of redaction that does not exist. */
export function createPrepare(recipe: Pick<Recipe, "redact" | "allow">): Prepare {
  const redactor = createRedactor({ types: recipe.redact, allow: recipe.allow });
  return (row) => {
    const refused = refusalOf(row);
    return refused === null ? prepared(row, redactor) : { refused };
  };
}

/** The first rule that speaks against a row, consent before all others. */
function refusalOf(row: RowToPrepare): Refusal | null {
  if (!row.store) return "no-store";
  if (row.error !== null) return "error";
  if (isBlank(lastUserText(row.messages))) return "empty-prompt";
  return isEmptyAnswer(answerMessage(row.response)) ? "empty-answer" : null;
}

function prepared(row: RowToPrepare, redactor: Redactor): Prepared {
  const example = cleanExample(row, redactor);
  if (example === null) return { refused: "nested-too-deeply" };
  const line = trainingLine(example);
  if (line.length > LONGEST) return { refused: "too-long" };
  const tokens = countTokens(line);
  if (tokens > MOST_TOKENS) return { refused: "too-long" };
  return {
    refused: null,
    line: line.slice(0, -1),
    prompt: asLine(lastUserText(example.messages)),
    answer: asLine(example.answer),
    tokens,
    fingerprint: fingerprint(example),
    bands: bandsToBytes(bandKeys(gistOf(example.messages, example.answer))),
    redactions: example.redactions,
  };
}

// Scores an answer against what a gold case expects; one entry here for each way of scoring.
import { Fault } from "../domain/fault.ts";
import { subsetFault } from "./json-subset.ts";

/** From 0 (wrong) to 1 (right), and why, in words that quote the expectation and never the answer. */
export interface Score {
  readonly score: number;
  readonly words: string;
}

/** A scorer with its expectation checked and compiled: `answer` is the assistant's text. */
export type Scorer = (answer: string) => Score;

export type ScorerName = "exact" | "contains" | "regex" | "json-subset";

/** Answers beyond this are scored by their beginning: it bounds what a pattern of the gold set can cost. */
const SCORED = 100_000;

const COMPILERS: Record<ScorerName, (expected: unknown) => Scorer> = {
  exact: compileExact,
  contains: compileContains,
  regex: compileRegex,
  "json-subset": compileJsonSubset,
};

export const SCORERS = Object.keys(COMPILERS) as readonly ScorerName[];

/** Checks the expectation once and returns the scorer. Throws a Fault ("invalid") for an unknown scorer or an expectation that does not fit it. */
export function createScorer(name: string, expected: unknown): Scorer {
  if (!isScorer(name)) throw invalid(`"${name}" is not a scorer`, `use one of ${SCORERS.join(", ")}`);
  const scorer = COMPILERS[name](expected);
  return (answer) => scorer(answer.slice(0, SCORED));
}

/** Scores one answer; see createScorer for the errors. */
export function score(name: string, expected: unknown, answer: string): Score {
  return createScorer(name, expected)(answer);
}

export function isScorer(name: string): name is ScorerName {
  return Object.hasOwn(COMPILERS, name);
}

/** The same text after NFC and without white space around it. */
function compileExact(expected: unknown): Scorer {
  if (typeof expected !== "string") throw invalid('scorer "exact" expects a text', 'write "expected" as a text');
  const wanted = expected.normalize("NFC").trim();
  return (answer) =>
    verdict(answer.normalize("NFC").trim() === wanted, `is ${quote(wanted)}`, `is not ${quote(wanted)}`);
}

/** All of the texts, whatever their case; the score is the share that is there. */
function compileContains(expected: unknown): Scorer {
  const wanted = typeof expected === "string" ? [expected] : expected;
  if (!Array.isArray(wanted) || wanted.length === 0 || !wanted.every((one) => typeof one === "string" && one !== "")) {
    throw invalid(
      'scorer "contains" expects a text or a list of texts, none empty',
      'write "expected" as "text" or ["one", "two"]',
    );
  }
  const folded = (wanted as string[]).map((text) => [text, fold(text)] as const);
  return (answer) => {
    const within = fold(answer);
    const missing = folded.filter(([, text]) => !within.includes(text)).map(([text]) => quote(text));
    const words = missing.length === 0 ? `contains all ${folded.length}` : `lacks ${missing.join(", ")}`;
    return { score: (folded.length - missing.length) / folded.length, words };
  };
}

/** `"pattern"`, or `{"pattern","flags"}`; it may match anywhere unless it says where. */
function compileRegex(expected: unknown): Scorer {
  const { pattern, flags } =
    typeof expected === "string"
      ? { pattern: expected, flags: "" }
      : ((expected as { pattern?: unknown; flags?: unknown } | null) ?? {});
  if (typeof pattern !== "string" || (flags !== undefined && typeof flags !== "string")) {
    throw invalid('scorer "regex" expects a pattern', 'write "expected" as "^yes" or {"pattern":"^yes","flags":"i"}');
  }
  let compiled: RegExp;
  try {
    // Global and sticky patterns remember where they stopped: a score must not depend on the one before.
    compiled = new RegExp(pattern, (flags ?? "").replace(/[gy]/g, ""));
  } catch (error) {
    throw invalid(
      `${quote(pattern)} is not a pattern: ${(error as Error).message}`,
      "correct the pattern; a backslash is written twice in JSON",
    );
  }
  return (answer) => verdict(compiled.test(answer), `matches ${quote(pattern)}`, `does not match ${quote(pattern)}`);
}

/** The answer is JSON (a fence around it is forgiven) that has everything expected; what it has beyond is its own business. */
function compileJsonSubset(expected: unknown): Scorer {
  if (typeof expected !== "object" || expected === null) {
    throw invalid('scorer "json-subset" expects an object or a list', 'write "expected" as {"action":"todo"}');
  }
  return (answer) => {
    let value: unknown;
    try {
      value = JSON.parse(unfenced(answer));
    } catch {
      return { score: 0, words: "is not JSON" };
    }
    const fault = subsetFault(expected, value);
    return verdict(fault === null, "has all that is expected", fault ?? "");
  };
}

function unfenced(answer: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(answer)?.[1] ?? answer;
}

function verdict(right: boolean, yes: string, no: string): Score {
  return right ? { score: 1, words: yes } : { score: 0, words: no };
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/\s+/g, " ");
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}

function invalid(message: string, hint: string): Fault {
  return new Fault("invalid", message, { hint });
}

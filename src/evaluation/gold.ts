// Reads a gold set: JSON lines, each a case with what to ask and what to expect, every fault named with its line.
import { Fault } from "../domain/fault.ts";
import { sha256 } from "../domain/sha256.ts";
import { createScorer, type ScorerName } from "./scorers.ts";

export interface GoldMessage {
  readonly role: string;
  readonly content: unknown;
  readonly [field: string]: unknown;
}

export interface GoldCase {
  /** As given, else made from the content: the same case keeps its id wherever it stands. */
  readonly id: string;
  readonly messages: readonly GoldMessage[];
  readonly expected: unknown;
  readonly scorer: ScorerName;
  /** The tag "forgetting" puts a case into the forgetting set. */
  readonly tags: readonly string[];
}

export interface GoldFault {
  /** Counts from 1. */
  readonly line: number;
  readonly words: string;
}

const KNOWN = new Set(["id", "messages", "input", "expected", "scorer", "tags"]);

/** All cases that can be read and all faults, so that they can be mended together. Empty lines are passed over. */
export function readGold(text: string): { cases: GoldCase[]; faults: GoldFault[] } {
  const cases: GoldCase[] = [];
  const faults: GoldFault[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "") continue;
    try {
      const one = readCase(line);
      const earlier = lineOf.get(one.id);
      if (earlier !== undefined) throw new Fault("invalid", `the case "${one.id}" stands on line ${earlier} already`);
      lineOf.set(one.id, index + 1);
      cases.push(one);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push({
        line: index + 1,
        words: error.hint === undefined ? error.message : `${error.message} (${error.hint})`,
      });
    }
  }
  return { cases, faults };
}

/** The cases of a gold set. Throws a Fault ("invalid") that lists the faults with their lines, or says that there are no cases. */
export function parseGold(text: string): GoldCase[] {
  const { cases, faults } = readGold(text);
  if (faults.length > 0) {
    const shown = faults.slice(0, 10).map((fault) => `line ${fault.line}: ${fault.words}`);
    const more = faults.length > shown.length ? [`and ${faults.length - shown.length} more`] : [];
    throw new Fault("invalid", `the gold set has faults: ${[...shown, ...more].join("; ")}`, {
      hint: "correct these lines and try again; nothing was changed",
      details: { faults },
    });
  }
  if (cases.length === 0) {
    throw new Fault("invalid", "the gold set has no cases", {
      hint: 'write one a line, as {"input":"hi","expected":"hello","scorer":"contains"}',
    });
  }
  return cases;
}

function readCase(line: string): GoldCase {
  const fields = parseObject(line);
  const unknown = Object.keys(fields).find((key) => !KNOWN.has(key));
  if (unknown !== undefined)
    throw new Fault("invalid", `unknown field "${unknown}"`, { hint: `known: ${[...KNOWN].join(", ")}` });
  if (fields.expected === undefined) throw new Fault("invalid", '"expected" is missing');
  const messages = readMessages(fields);
  const scorer = fields.scorer ?? (typeof fields.expected === "string" ? "exact" : "json-subset");
  if (typeof scorer !== "string") throw new Fault("invalid", '"scorer" is not a text');
  createScorer(scorer, fields.expected);
  const content = JSON.stringify([messages, scorer, fields.expected]);
  const id = fields.id ?? sha256(content).slice(0, 16);
  if (typeof id !== "string" || id === "" || id.length > 128)
    throw new Fault("invalid", '"id" is not a text of 1 to 128 characters');
  return { id, messages, expected: fields.expected, scorer: scorer as ScorerName, tags: readTags(fields.tags) };
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Fault("invalid", "not JSON", { hint: "a case is one JSON object on one line" });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Fault("invalid", "not a JSON object");
  return value as Record<string, unknown>;
}

function readMessages(fields: Record<string, unknown>): GoldMessage[] {
  if ((fields.messages === undefined) === (fields.input === undefined)) {
    throw new Fault("invalid", 'a case has either "input" or "messages"', {
      hint: '"input" is the text of one user message',
    });
  }
  if (fields.input !== undefined) {
    if (typeof fields.input !== "string" || fields.input.trim() === "")
      throw new Fault("invalid", '"input" is not a text, or empty');
    return [{ role: "user", content: fields.input }];
  }
  const messages = fields.messages;
  const valid =
    Array.isArray(messages) &&
    messages.length > 0 &&
    messages.every((one) => typeof (one as { role?: unknown } | null)?.role === "string");
  if (!valid) throw new Fault("invalid", '"messages" is not a list of messages, each with a role');
  if (!messages.some((one) => one.role === "user"))
    throw new Fault("invalid", '"messages" asks nothing: no message has the role "user"');
  return messages as GoldMessage[];
}

function readTags(tags: unknown): string[] {
  if (tags === undefined || tags === null) return [];
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string"))
    throw new Fault("invalid", '"tags" is not a list of texts');
  return [...new Set(tags)];
}

// Judges one example before it goes into a file: null, or the name of the rule that it breaks.
import { canonicalJson } from "../../domain/canonical-json.ts";
import type { Message } from "../../domain/message.ts";
import { countMessagesTokens } from "../example-tokens.ts";
import { type ConversationRule, ruleAgainstConversation } from "./conversation.ts";
import { type FormatName, type InputOf, writeLine } from "./formats.ts";
import { hasImage, type ImageRule, ruleAgainstImages } from "./images.ts";
import { limitsOf, type TrainingLimits } from "./limits.ts";
import { type LineRead, readLine } from "./read-line.ts";
import type { CarryRule } from "./written.ts";

export type LineRule =
  | ConversationRule
  | ImageRule
  | "not-json"
  | "nested-too-deeply"
  | "shape"
  | "answers-alike"
  | "too-many-tokens";
export type ExampleRule = LineRule | CarryRule;

export interface CheckedLine {
  readonly rule: LineRule | null;
  /** Of the messages, the answers (both of a preference) and the tools; 0 where they could not be read. */
  readonly tokens: number;
  readonly images: boolean;
}

/** Judges what a line says. Tokens are counted unless they are known. */
export function checkLine(
  format: FormatName,
  value: unknown,
  limits: TrainingLimits = limitsOf(format),
  knownTokens?: number,
): CheckedLine {
  const read = readLine(format, value);
  if (read === null) return { rule: "shape", tokens: 0, images: false };
  const tokens = knownTokens ?? tokensOf(read);
  return { rule: ruleAgainst(read, tokens, limits), tokens, images: read.conversations.some(hasImage) };
}

/** A finished line with its newline, or the rule against it: what the format cannot carry, or what no trainer would take. */
export function finishedLine<Name extends FormatName>(
  format: Name,
  input: InputOf<Name>,
  limits: TrainingLimits = limitsOf(format),
  knownTokens?: number,
): { readonly line: string; readonly tokens: number } | { readonly rule: ExampleRule } {
  const written = writeLine(format, input);
  if (written.kind === "refused") return { rule: written.rule };
  const { rule, tokens } = checkLine(format, written.value, limits, knownTokens);
  return rule === null ? { line: written.line, tokens } : { rule };
}

/** The rule by which an example cannot stand in a file of this format; null when it can. */
export function ruleAgainstExample<Name extends FormatName>(
  format: Name,
  input: InputOf<Name>,
  limits: TrainingLimits = limitsOf(format),
  knownTokens?: number,
): ExampleRule | null {
  const made = finishedLine(format, input, limits, knownTokens);
  return "rule" in made ? made.rule : null;
}

function ruleAgainst({ conversations }: LineRead, tokens: number, limits: TrainingLimits): LineRule | null {
  for (const messages of conversations) {
    const rule = ruleAgainstConversation(messages) ?? ruleAgainstImages(messages, limits);
    if (rule !== null) return rule;
  }
  const [preferred, other] = conversations.map((messages) => messages.at(-1)!);
  if (preferred !== undefined && other !== undefined && said(preferred) === said(other)) return "answers-alike";
  return tokens > limits.tokensAnExample ? "too-many-tokens" : null;
}

/** A call's id is made anew for each answer and makes no difference. */
function said({ content, tool_calls: calls, function_call: call }: Message): string {
  const called = Array.isArray(calls) ? calls.map((each) => each?.function ?? null) : [];
  return canonicalJson([content ?? "", called, call ?? null]);
}

function tokensOf({ conversations, tools }: LineRead): number {
  const [first, second] = conversations;
  const tokens = countMessagesTokens(first!, tools);
  return second === undefined ? tokens : tokens + countMessagesTokens([second.at(-1)!]);
}

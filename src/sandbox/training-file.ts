// Reads a training file in OpenAI's chat format and says what is wrong with it, line by line.
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { classOf } from "./answer.ts";
import type { Example } from "./classifier.ts";
import { type Message, message, textOf } from "./message.ts";
import { tokensOfMessages } from "./tokens.ts";

export const FEWEST_EXAMPLES = 10;
const LINES_PER_TURN = 500;
const FAULTS_SHOWN = 5;

const line = z.looseObject({
  messages: z
    .array(message)
    .refine(
      (messages) => messages.some(({ role }) => role === "assistant"),
      "at least one message must be the assistant's",
    ),
});

export interface TrainingFile {
  /** What there is to learn: of each line the last user message and its answer, unless that has `weight: 0`. */
  readonly examples: Example[];
  readonly lines: number;
  readonly tokens: number;
  /** Why the file cannot be trained on; empty when it can. */
  readonly faults: string[];
}

/** Parses the whole file, in turns, so that the server goes on answering meanwhile. */
export async function readTrainingFile(content: Uint8Array): Promise<TrainingFile> {
  const examples: Example[] = [];
  const faults: string[] = [];
  let lines = 0;
  let tokens = 0;
  for (const [index, text] of new TextDecoder().decode(content).split(/\r?\n/).entries()) {
    if (index % LINES_PER_TURN === LINES_PER_TURN - 1) await setImmediate();
    if (text.trim() === "") continue;
    lines++;
    const parsed = parse(text);
    if (typeof parsed === "string") {
      faults.push(`line ${index + 1}: ${parsed}`);
      continue;
    }
    tokens += tokensOfMessages(parsed);
    const example = lastPair(parsed);
    if (example !== null) examples.push(example);
  }
  const shown = faults.slice(0, FAULTS_SHOWN);
  if (faults.length > FAULTS_SHOWN) shown.push(`and ${faults.length - FAULTS_SHOWN} more lines`);
  if (lines < FEWEST_EXAMPLES) shown.push(`it has ${lines} example(s), and at least ${FEWEST_EXAMPLES} are needed`);
  return { examples, lines, tokens, faults: shown };
}

function parse(text: string): Message[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "not JSON";
  }
  const parsed = line.safeParse(value);
  if (parsed.success) return parsed.data.messages;
  return parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
}

function lastPair(messages: readonly Message[]): Example | null {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  const answer = messages.slice(asked + 1).findLast(({ role }) => role === "assistant");
  if (asked === -1 || answer === undefined || answer.weight === 0) return null;
  return { text: textOf(messages[asked]!), label: classOf(textOf(answer)) };
}

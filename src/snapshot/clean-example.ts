// Makes an interaction fit to leave the house: safe characters, no personal data.
import type { Message } from "../domain/message.ts";
import { answerMessage } from "./answer.ts";
import { cleanTexts } from "./clean.ts";
import type { Example } from "./example.ts";
import { NestedTooDeeply } from "./map-texts.ts";
import type { Redactor } from "./redact.ts";
import { redactMessages } from "./redact-messages.ts";

/** What was asked and answered, as it was recorded. */
export interface Exchange {
  readonly messages: readonly Message[];
  readonly response: string | Message | null;
  /** What the request offered to call; passed through into training files. */
  readonly tools?: readonly unknown[] | null | undefined;
}

export interface CleanExample extends Example {
  /** How many spans were replaced, by type. */
  readonly redactions: Readonly<Record<string, number>>;
}

/**
 * Cleans and redacts one exchange; null when it is nested too deeply to be a conversation. Placeholders are numbered within
 * it, whose messages are its whole conversation so far, so that it comes out the same whichever others surround it.
 */
export function cleanExample({ messages, response, tools }: Exchange, redactor: Redactor): CleanExample | null {
  try {
    const conversation = redactor.conversation();
    const cleaned = {
      messages: redactMessages(cleanTexts(messages), conversation),
      answer: redactMessages(cleanTexts(answerMessage(response)), conversation),
    };
    const offered = tools == null ? {} : { tools: redactMessages(cleanTexts(tools), conversation) };
    return { ...cleaned, ...offered, redactions: conversation.counts };
  } catch (error) {
    if (error instanceof NestedTooDeeply) return null;
    throw error;
  }
}

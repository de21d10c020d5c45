// Makes a selected row ready to teach: safe characters, no personal data.

import { answerMessage } from "./answer.ts";
import { cleanTexts } from "./clean.ts";
import type { Example } from "./example.ts";
import { NestedTooDeeply } from "./map-texts.ts";
import type { Redactor } from "./redact.ts";
import { redactMessages } from "./redact-messages.ts";
import type { SnapshotRow } from "./row.ts";

export interface Prepared {
  readonly example: Example;
  /** How many spans were replaced, by type. */
  readonly redactions: Readonly<Record<string, number>>;
}

/**
 * Cleans and redacts one row; null when it is nested too deeply to be a conversation. Placeholders are numbered within the
 * row, whose messages are its whole conversation so far, so that a row comes out the same whichever others surround it.
 */
export function prepare(row: SnapshotRow, redactor: Redactor): Prepared | null {
  try {
    const conversation = redactor.conversation();
    const messages = redactMessages(cleanTexts(row.messages), conversation);
    const answer = redactMessages(cleanTexts(answerMessage(row.response)), conversation);
    const { id: interactionId, at, unit, conversation: conversationId, actionType, quality, rating } = row;
    const tools = row.tools === undefined ? {} : { tools: redactMessages(cleanTexts(row.tools), conversation) };
    const example = {
      interactionId,
      at,
      unit,
      conversation: conversationId,
      actionType,
      quality,
      rating,
      messages,
      answer,
    };
    return { example: { ...example, ...tools }, redactions: conversation.counts };
  } catch (error) {
    if (error instanceof NestedTooDeeply) return null;
    throw error;
  }
}

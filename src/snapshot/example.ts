// What was asked and answered, to be done alike: what every format is written from.
import type { Message } from "../domain/message.ts";

export interface Example {
  /** What was asked, system prompt included. */
  readonly messages: readonly Message[];
  readonly answer: Message;
  /** What the request offered to call. */
  readonly tools?: readonly unknown[];
}

// What training data is before it takes the form of any trainer: an answer to learn, two to choose between, or one with a thumb.
import type { Message } from "../../domain/message.ts";
import type { Example } from "../example.ts";

/** Asked and answered, to be done alike. An `Example` is one. */
export interface Demonstration extends Pick<Example, "messages" | "answer" | "tools"> {
  readonly parallelToolCalls?: boolean;
  /** True for a whole conversation, each of whose answers may be learned; otherwise only `answer` was approved. */
  readonly whole?: boolean;
}

/** Two answers to the same question, of which people preferred one. */
export interface PreferencePair {
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
  readonly parallelToolCalls?: boolean;
  readonly chosen: Message;
  readonly rejected: Message;
  /** What somebody wrote in place of an answer, or an answer rated up beside one rated down. */
  readonly source: "correction" | "rated";
}

/** An answer with what somebody thought of it: true for a thumb up. */
export interface RatedAnswer {
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
  readonly answer: Message;
  readonly label: boolean;
}

/** The kinds by name, as formats say which of them they take. */
export interface TrainingInputs {
  readonly demonstration: Demonstration;
  readonly "preference-pair": PreferencePair;
  readonly "rated-answer": RatedAnswer;
}

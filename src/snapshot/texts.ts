// What is written onto the scratch file for a row: all that its lines in the files are made of.
import { z } from "zod";
import { message } from "../domain/message.ts";
import type { Example } from "./example.ts";
import { gistOf } from "./gist.ts";

export interface Texts {
  /** Whose answer it is: the rating with its correction, or that won; null: nobody rated it. */
  readonly feedbackId: string | null;
  readonly unit: string | null;
  readonly actionType: string | null;
  readonly redactions: Readonly<Record<string, number>>;
  /** As prepared. */
  readonly line: string;
  /** The line of the answer that a correction replaced; "" where there is none. */
  readonly replaced: string;
}

/** None of the parts holds a newline: they are JSON. */
export function toScratch({ line, replaced, ...head }: Texts): string {
  return `${JSON.stringify(head)}\n${line}\n${replaced}`;
}

export function fromScratch(text: string): Texts {
  const [head, line, replaced] = text.split("\n") as [string, string, string];
  return { ...(JSON.parse(head) as Omit<Texts, "line" | "replaced">), line, replaced };
}

const lesson = z.object({ messages: z.array(message).min(1), tools: z.array(z.unknown()).optional() });

/** A prepared line as what was asked and answered. */
export function exampleOf(line: string): Example {
  const { messages, tools } = lesson.parse(JSON.parse(line));
  return { messages: messages.slice(0, -1), answer: messages.at(-1)!, ...(tools === undefined ? {} : { tools }) };
}

/** What the row is compared by. */
export function gistOfLine(line: string): string {
  const { messages, answer } = exampleOf(line);
  return gistOf(messages, answer);
}

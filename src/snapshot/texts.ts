// What is written onto the scratch file for a row: all that its lines in the files are made of.
import { z } from "zod";
import { message } from "../domain/message.ts";
import { gistOf } from "./gist.ts";

export interface Texts {
  /** Whose answer it is: the rating with its correction, or that won; null: nobody rated it. */
  readonly feedbackId: string | null;
  readonly unit: string | null;
  readonly actionType: string | null;
  readonly redactions: Readonly<Record<string, number>>;
  /** As prepared. */
  readonly line: string;
  readonly prompt: string;
  readonly answer: string;
}

/** None of the parts holds a newline: they are JSON. */
export function toScratch({ line, prompt, answer, ...head }: Texts): string {
  return `${JSON.stringify(head)}\n${line}\n${prompt}\n${answer}`;
}

export function fromScratch(text: string): Texts {
  const [head, line, prompt, answer] = text.split("\n") as [string, string, string, string];
  return { ...(JSON.parse(head) as Omit<Texts, "line" | "prompt" | "answer">), line, prompt, answer };
}

const lesson = z.object({ messages: z.array(message).min(1) });

/** What the row is compared by. */
export function gistOfTexts({ line }: Texts): string {
  const { messages } = lesson.parse(JSON.parse(line));
  return gistOf(messages.slice(0, -1), messages.at(-1)!);
}

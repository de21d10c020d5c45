// Reads a line of any format back into the conversations that it teaches, so that one set of rules judges all formats.
import type { Message } from "../../domain/message.ts";
import { parseChatml } from "./chatml.ts";
import type { FormatName } from "./formats.ts";
import { LINE_SHAPES } from "./line-shape.ts";

export interface LineRead {
  /** Each ends in an answer to learn from; a preference line has two, the preferred one first. */
  readonly conversations: readonly (readonly Message[])[];
  readonly tools: readonly unknown[];
}

/** Null for what has not the shape of a line of this format. */
export function readLine(format: FormatName, value: unknown): LineRead | null {
  switch (format) {
    case "openai-sft": {
      const read = LINE_SHAPES[format].safeParse(value).data;
      return read === undefined ? null : { conversations: [read.messages], tools: read.tools ?? [] };
    }
    case "openai-dpo": {
      const read = LINE_SHAPES[format].safeParse(value).data;
      if (read === undefined) return null;
      const { messages, tools = [] } = read.input;
      return { conversations: both(messages, read.preferred_output, read.non_preferred_output), tools };
    }
    case "trl-sft": {
      const read = LINE_SHAPES[format].safeParse(value).data;
      if (read === undefined) return null;
      const messages = "messages" in read ? (read.messages as Message[]) : [...read.prompt, ...read.completion];
      return { conversations: [messages], tools: read.tools ?? [] };
    }
    case "trl-dpo": {
      const read = LINE_SHAPES[format].safeParse(value).data;
      if (read === undefined) return null;
      return { conversations: both(read.prompt, read.chosen, read.rejected), tools: read.tools ?? [] };
    }
    case "trl-kto": {
      const read = LINE_SHAPES[format].safeParse(value).data;
      return read === undefined
        ? null
        : { conversations: [[...read.prompt, ...read.completion]], tools: read.tools ?? [] };
    }
    case "chatml": {
      const turns = parseChatml(LINE_SHAPES[format].safeParse(value).data?.text ?? "");
      return turns === null
        ? null
        : { conversations: [turns.map(({ role, text }) => ({ role, content: text }))], tools: [] };
    }
    case "alpaca": {
      const read = LINE_SHAPES[format].safeParse(value).data;
      if (read === undefined) return null;
      const question = {
        role: "user",
        content: [read.instruction, read.input].filter((words) => words !== "").join("\n\n"),
      };
      return { conversations: [[question, { role: "assistant", content: read.output }]], tools: [] };
    }
    default:
      return format satisfies never;
  }
}

function both(messages: readonly Message[], ...sides: readonly (readonly Message[])[]): (readonly Message[])[] {
  return sides.map((side) => [...messages, ...side]);
}

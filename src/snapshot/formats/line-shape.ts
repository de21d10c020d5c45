// What a line of each format must be made of; what it means is looked at afterwards.
import { z } from "zod";
import { message } from "../../domain/message.ts";
import type { FormatName } from "./formats.ts";

const messages = z.array(message);
const one = messages.length(1);
const tools = z.array(z.looseObject({ type: z.string() })).optional();
const text = z.string();

export const LINE_SHAPES = {
  "openai-sft": z.looseObject({ messages, tools, parallel_tool_calls: z.boolean().optional() }),
  "openai-dpo": z.looseObject({
    input: z.looseObject({ messages, tools, parallel_tool_calls: z.boolean().optional() }),
    preferred_output: one,
    non_preferred_output: one,
  }),
  "trl-sft": z.union([z.looseObject({ messages, tools }), z.looseObject({ prompt: messages, completion: one, tools })]),
  "trl-dpo": z.looseObject({ prompt: messages, chosen: one, rejected: one, tools }),
  "trl-kto": z.looseObject({ prompt: messages, completion: one, label: z.boolean(), tools }),
  chatml: z.looseObject({ text }),
  alpaca: z.looseObject({ instruction: text, input: text, output: text }),
} as const satisfies Record<FormatName, z.ZodType>;

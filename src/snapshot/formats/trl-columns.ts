// Writes the columns of a TRL data set, or says what of the conversation they cannot hold.
import type { Message } from "../../domain/message.ts";
import { lossOf } from "./carried.ts";
import { offered } from "./openai-message.ts";
import { ArgumentsNotJson, trlMessage } from "./trl-message.ts";
import { refused, type Written, written } from "./written.ts";

/**
 * Each column a list of messages, then `extra` and the tools. Images are refused: TRL wants them as pictures in a column of
 * their own. Source: TRL, "Dataset formats and types".
 */
export function trlColumns(
  columns: Readonly<Record<string, readonly Message[]>>,
  tools: readonly unknown[] | undefined,
  extra: object = {},
): Written {
  const messages = Object.values(columns).flat();
  const loss = lossOf(messages, tools, { images: false, tools: true, names: true });
  if (loss !== null) return refused(loss);
  if (messages.some(({ role, function_call: call }) => role === "function" || call != null)) {
    return refused("roles-not-carried");
  }
  try {
    const named = Object.entries(columns).map(([column, list]) => [column, list.map(trlMessage)] as const);
    return written({ ...Object.fromEntries(named), ...extra, ...offered(tools) });
  } catch (error) {
    if (error instanceof ArgumentsNotJson) return refused("arguments-not-json");
    throw error;
  }
}

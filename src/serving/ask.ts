// Asking a model: the request as it came, with the model's approved examples in front where it has some.
import type OpenAI from "openai";
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { lastUserText, type Message } from "../domain/message.ts";
import type { Providers } from "../providers/providers.ts";
import type { CallMeter } from "../telemetry/meter.ts";
import { observeCall } from "./observe-call.ts";
import type { ServedModel } from "./served-models.ts";

/** A chat request in OpenAI's shape; fields that we do not know pass through. */
export type ChatBody = Record<string, unknown> & { messages: readonly Message[] };

/** What came back: the provider's own document, and the parts that we keep. */
export interface Answer {
  document: Record<string, unknown>;
  message: Message;
  providerModel: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
}

const completion = z.looseObject({
  model: z.string().optional(),
  choices: z
    .array(z.looseObject({ message: z.looseObject({ role: z.string(), content: z.unknown().optional() }) }))
    .min(1),
  usage: z.looseObject({ prompt_tokens: z.number().optional(), completion_tokens: z.number().optional() }).nullish(),
});

/** What asking needs: who answers, and who counts the calls. */
export interface Asking {
  providers: Providers;
  meter: CallMeter;
}

/** Asks once. Throws the provider client's errors, and a Fault `upstream` when the answer is not a completion. */
export async function ask(
  { providers, meter }: Asking,
  served: ServedModel,
  body: ChatBody,
  signal: AbortSignal,
): Promise<Answer> {
  const address = served.model.provider;
  const client = providers.client(address);
  const request = {
    ...body,
    model: address.model,
    messages: withExamples(served, body.messages),
    stream: false,
  };
  return observeCall(meter, { address, url: client.baseURL, body }, async () =>
    readAnswer(
      await client.chat.completions.create(request as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming, {
        signal,
      }),
    ),
  );
}

function readAnswer(document: unknown): Answer {
  const parsed = completion.safeParse(document);
  if (!parsed.success)
    throw new Fault("upstream", `the provider's answer is not a chat completion: ${z.prettifyError(parsed.error)}`);
  return {
    document: parsed.data,
    message: parsed.data.choices[0]!.message,
    providerModel: parsed.data.model ?? null,
    inputTokens: parsed.data.usage?.prompt_tokens ?? null,
    outputTokens: parsed.data.usage?.completion_tokens ?? null,
  };
}

/** The messages with the nearest approved examples between the system's and the rest. */
function withExamples({ model, examples }: ServedModel, messages: readonly Message[]): readonly Message[] {
  if (model.examples === null || examples === null) return messages;
  const question = lastUserText(messages);
  if (question === "") return messages;
  const shown = examples
    .nearest(question, model.examples.perRequest)
    .flatMap((example) => example.messages as Message[]);
  const start = messages.findIndex((message) => message.role !== "system" && message.role !== "developer");
  const at = start === -1 ? messages.length : start;
  return [...messages.slice(0, at), ...shown, ...messages.slice(at)];
}

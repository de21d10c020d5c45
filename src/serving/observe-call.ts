// A call of a model as traces and metrics see it, in OpenTelemetry's words for generative AI: names, numbers and how it
// ended; never what was asked or answered.
import { Fault } from "../domain/fault.ts";
import { providerErrorType } from "../providers/provider-error.ts";
import type { ModelAddress } from "../providers/providers.ts";
import { inSpan } from "../telemetry/in-span.ts";
import type { CallMeter } from "../telemetry/meter.ts";
import type { Answer, ChatBody } from "./ask.ts";

/** The conventions' names of providers; a service that speaks OpenAI's protocol goes by OpenAI's. */
const PROVIDERS: Record<ModelAddress["provider"], string> = { "openai-wire": "openai", sandbox: "sandbox" };
/** What of a request may be told: numbers. */
const PARAMETERS = ["max_tokens", "temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"] as const;

/** Does `call`, a chat completion, as the span `chat <model>`, and counts it. `url` is where the model answers. */
export async function observeCall(
  meter: CallMeter,
  request: { address: ModelAddress; url: string; body: ChatBody },
  call: () => Promise<Answer>,
): Promise<Answer> {
  const { address, url, body } = request;
  const provider = PROVIDERS[address.provider];
  const { hostname, port, protocol } = new URL(url);
  const attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": address.model,
    "server.address": hostname,
    "server.port": port === "" ? (protocol === "http:" ? 80 : 443) : Number(port),
    ...Object.fromEntries(
      PARAMETERS.flatMap((name) => (typeof body[name] === "number" ? [[`gen_ai.request.${name}`, body[name]]] : [])),
    ),
  };
  const started = performance.now();
  const count = (answer: Answer | null, errorType: string | null) =>
    meter.modelCalled({
      operation: "chat",
      provider,
      requestModel: address.model,
      seconds: (performance.now() - started) / 1000,
      inputTokens: answer?.inputTokens ?? null,
      outputTokens: answer?.outputTokens ?? null,
      errorType,
    });
  return inSpan(
    { name: `chat ${address.model}`, kind: "client", attributes },
    async (span) => {
      try {
        const answer = await call();
        if (answer.providerModel !== null) span.setAttribute("gen_ai.response.model", answer.providerModel);
        if (answer.inputTokens !== null) span.setAttribute("gen_ai.usage.input_tokens", answer.inputTokens);
        if (answer.outputTokens !== null) span.setAttribute("gen_ai.usage.output_tokens", answer.outputTokens);
        count(answer, null);
        return answer;
      } catch (error) {
        count(null, typeOf(error));
        throw error;
      }
    },
    typeOf,
  );
}

const typeOf = (error: unknown) => (error instanceof Fault ? error.code : providerErrorType(error));

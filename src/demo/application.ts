// What an application does: passes on what its users say, and what they think of the answers. Over HTTP, and nothing else.
import { z } from "zod";
import { Fault } from "../domain/fault.ts";

export interface Answered {
  readonly interactionId: string;
  /** The action in the answer; null when there is none. */
  readonly action: string | null;
}

export interface Application {
  /** Asks the loop (or `loop:role`) in a user's name. Throws a Fault when nobody answers. */
  say(text: string, options?: { user?: string; model?: string; store?: boolean }): Promise<Answered>;
  /** Passes a rating on; it is committed when this returns. Throws a Fault when it is refused. */
  rate(interactionId: string, user: string, value: 1 | -1): Promise<void>;
}

const TIMEOUT = 30_000;
const SYSTEM = 'You are a household assistant. Answer with JSON: {"action":"…","reply":"…"}.';
const completion = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });
const answer = z.object({ action: z.string() });

/** The application of one loop. */
export function createApplication({
  url,
  key,
  loop,
  signal,
}: {
  url: string;
  key: string;
  loop: string;
  signal: AbortSignal;
}): Application {
  async function post(path: string, body: unknown): Promise<Response> {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    }).catch((error: unknown) => {
      const { cause, message } = error as Error & { cause?: { code?: string } };
      throw new Fault("unavailable", `${path} did not answer (${cause?.code ?? message})`, { cause: error });
    });
    if (response.ok) return response;
    throw new Fault("upstream", `${path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  }

  return {
    async say(text, { user, model = loop, store = true } = {}) {
      const messages = [
        { role: "system", content: SYSTEM },
        { role: "user", content: text },
      ];
      const response = await post("/v1/chat/completions", {
        model,
        messages,
        ...(user === undefined ? {} : { user }),
        ...(store ? {} : { store }),
      });
      const interactionId = response.headers.get("x-ratchet-interaction-id");
      const document = completion.safeParse(await response.json());
      if (interactionId === null || !document.success)
        throw new Fault("upstream", "the gateway's answer is not a chat completion with an interaction id");
      return { interactionId, action: actionOf(document.data.choices[0]!.message.content) };
    },
    async rate(interactionId, user, value) {
      const rating = { interaction_id: interactionId, user_id: user, value, event_id: `thumb-${interactionId}` };
      await (await post("/api/feedback", rating)).arrayBuffer();
    },
  };
}

function actionOf(content: string): string | null {
  try {
    return answer.parse(JSON.parse(content)).action;
  } catch {
    return null;
  }
}

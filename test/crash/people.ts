// People and their application, as a good client: an unanswered request is sent again with the same ids, and everything that
// was acknowledged is written down, so that somebody can ask for it afterwards.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { generateCorpus } from "../../src/sandbox/corpus.ts";
import { LOOP_HEADER, SCOPE_HEADER } from "./points/requests.ts";

/** How long a client goes on asking a server that does not answer. */
const PATIENCE = 90_000;
const PAUSE = 100;

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
  /** 1: at once. More: what came before may have been carried out, too. */
  attempts: number;
}

/** What was said, and whether the server said that it has it. */
export interface Ledger {
  /** By the client's id. */
  readonly interactions: Map<string, { user: string; acknowledged: boolean }>;
  /** By the id that the gateway answered with. */
  readonly chats: Map<string, { user: string; variant: string }>;
  /** By the event's id. */
  readonly ratings: Map<string, { interaction: string; user: string; value: 1 | -1; acknowledged: boolean }>;
}

export interface People {
  readonly ledger: Ledger;
  /** Sends until it is answered. `scope` names the request at its crash points. */
  send(method: string, path: string, body: unknown, scope?: string): Promise<Answer>;
  /** The application records what its own calls to a model were. */
  record(ids: readonly string[], scope?: string): Promise<void>;
  /** The application sends ratings of interactions; all in one request. */
  rate(ratings: readonly Rating[], scope?: string): Promise<void>;
  /** A rating in the older shape, which brings its interaction. */
  rateMessage(id: string, user: string, scope?: string): Promise<void>;
  /** Asks the loop's model through the gateway; the interaction's id. */
  chat(user: string, scope?: string): Promise<string>;
}

export interface Rating {
  event: string;
  interaction: string;
  user: string;
  value: 1 | -1;
}

const CORPUS = generateCorpus({ seed: 7 });

export function people(to: { url: () => string; key: string; loop: string }): People {
  const { loop, key } = to;
  const ledger: Ledger = { interactions: new Map(), chats: new Map(), ratings: new Map() };
  let said = 0;
  /** Never the same words twice, and never those of another loop: what is learned from them is this loop's own. */
  const utterance = () => {
    const { text, label } = CORPUS[said++ % CORPUS.length]!;
    return { text: `${text}, says number ${said} of ${loop}`, label };
  };

  async function send(method: string, path: string, body: unknown, scope?: string): Promise<Answer> {
    const headers: Record<string, string> = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    if (scope !== undefined) Object.assign(headers, { [SCOPE_HEADER]: scope, [LOOP_HEADER]: loop });
    const end = Date.now() + PATIENCE;
    for (let attempts = 1; ; attempts++) {
      try {
        const response = await fetch(`${to.url()}${path}`, { method, headers, body: JSON.stringify(body) });
        const answer = (await response.json()) as Record<string, unknown>;
        if (response.status < 500)
          return { status: response.status, body: answer, headers: response.headers, attempts };
        if (Date.now() > end) assert.fail(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
      } catch (error) {
        if (error instanceof assert.AssertionError || Date.now() > end) throw error;
      }
      await sleep(PAUSE);
    }
  }

  async function accepted(method: string, path: string, body: unknown, scope: string | undefined): Promise<Answer> {
    const answer = await send(method, path, body, scope);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }

  return {
    ledger,
    send,
    async record(ids, scope) {
      const interactions = ids.map((id, index) => {
        const { text, label } = utterance();
        const user = `talker-${index % 20}`;
        ledger.interactions.set(id, { user, acknowledged: false });
        return {
          id,
          user_id: user,
          messages: [{ role: "user", content: text }],
          response: JSON.stringify({ action: label, reply: "ok" }),
          action_type: label,
        };
      });
      await accepted("POST", `/api/interactions?loop=${loop}`, interactions, scope);
      for (const id of ids) ledger.interactions.get(id)!.acknowledged = true;
    },
    async rate(ratings, scope) {
      for (const { event, ...rating } of ratings) ledger.ratings.set(event, { ...rating, acknowledged: false });
      const body = ratings.map(({ event, interaction, user, value }) => ({
        event_id: event,
        interaction_id: interaction,
        user_id: user,
        value,
      }));
      await accepted("POST", `/api/feedback?loop=${loop}`, body, scope);
      for (const { event } of ratings) ledger.ratings.get(event)!.acknowledged = true;
    },
    async rateMessage(id, user, scope) {
      const { text, label } = utterance();
      ledger.interactions.set(id, { user, acknowledged: false });
      const body = {
        message_id: id,
        feedback: "up",
        user_id: user,
        user_message: text,
        assistant_response: JSON.stringify({ action: label, reply: "ok" }),
        action_type: label,
      };
      await accepted("POST", `/api/feedback?loop=${loop}`, body, scope);
      ledger.interactions.get(id)!.acknowledged = true;
    },
    async chat(user, scope) {
      const body = { model: loop, user, messages: [{ role: "user", content: utterance().text }] };
      const { headers } = await accepted("POST", "/v1/chat/completions", body, scope);
      const id = headers.get("x-ratchet-interaction-id");
      assert.ok(id !== null, "an answered chat has an id");
      ledger.chats.set(id, { user, variant: headers.get("x-ratchet-variant") ?? "" });
      return id;
    },
  };
}

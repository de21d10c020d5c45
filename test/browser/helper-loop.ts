// A loop as people would meet it, brought under experiment over HTTP: people ask, rate, and meet both models.
import assert from "node:assert/strict";
import { generateCorpus } from "../../src/sandbox/corpus.ts";
import type { Document } from "../start/running-start.ts";
import { until } from "../workflows/loop-life.ts";

export interface HelperLoop {
  readonly name: string;
  readonly cycleId: string;
  readonly experimentId: string;
}

const SETTINGS = {
  name: "helpem",
  model: { provider: "sandbox", name: "sandbox-base" },
  actionFrom: "/action",
  readiness: { minFeedback: 300 },
  triggers: { newSamples: 200 },
  training: { trainer: "openai-wire" },
  experiment: { share: 0.2, lookEvery: "20 seconds" },
};
const AT_ONCE = 8;

/** Its experiment has been looked at twice when this returns, and holds. */
export async function liveUnderExperiment({ api, key }: Document): Promise<HelperLoop> {
  const { name } = SETTINGS;
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${api}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer;
  };
  const read = async (path: string) => (await (await call("GET", `/api/loops/${name}${path}`)).json()) as never;
  const corpus = generateCorpus({ seed: 3 });
  let said = 0;

  /** One question and a thumb: up when the action was the one that was meant. */
  async function talk(user: string): Promise<void> {
    const { text, label } = corpus[said++]!;
    const messages = [{ role: "user", content: text }];
    const answer = await call("POST", "/v1/chat/completions", { model: name, user, messages });
    const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
    const right = choices[0]!.message.content.includes(`"action":"${label}"`);
    const interaction_id = answer.headers.get("x-ratchet-interaction-id");
    await call("POST", `/api/feedback?loop=${name}`, { interaction_id, user_id: user, value: right ? 1 : -1 });
  }
  async function talkAll(count: number, people: number): Promise<void> {
    const users = Array.from({ length: count }, (_, index) => `user-${index % people}`);
    const lane = async () => {
      for (let user = users.pop(); user !== undefined; user = users.pop()) await talk(user);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  await call("PUT", `/api/loops/${name}`, { settings: SETTINGS, reason: "pictures for the guide" });
  await talkAll(700, 200);
  await call("POST", `/api/loops/${name}/pulse`, { reason: "pictures for the guide" });
  const experiment = await until("an experiment", async () => ((await read("/status")) as Status).experiment);
  await talkAll(500, 160);
  await until("two looks", async () => (((await read("/status")) as Status).experiment?.last_look?.number ?? 0) >= 2);
  return { name, cycleId: experiment.cycle_id, experimentId: experiment.id };
}

interface Status {
  experiment: { id: string; cycle_id: string; last_look: { number: number } | null } | null;
}

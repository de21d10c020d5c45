// The two loops that live while traffic comes: one whose experiment all the traffic is in, and one that learns again and again.

import { generateCorpus } from "../../src/sandbox/corpus.ts";
import { until } from "../workflows/loop-life.ts";
import { openCaller } from "./load-request.ts";
import type { Stack } from "./stack.ts";

export const TRAFFIC = "traffic";
export const LEARNING = "learning";

const base = {
  model: { provider: "sandbox", name: "sandbox-base" },
  actionFrom: "/action",
  readiness: { minFeedback: 60, optimalFeedback: 1000 },
  snapshot: { validationShare: 0 },
  schedule: { every: "5 seconds" },
  // What is learned is asked for: traffic must not begin a cycle of its own.
  triggers: { newSamples: null, interval: null, qualityDrop: null, errorRate: null, cooldown: "1 second" },
};
const settings = {
  [TRAFFIC]: {
    ...base,
    experiment: { share: 0.5, minEvidence: "1 hour", minDuration: "1 hour", lookEvery: "2 seconds" },
  },
  [LEARNING]: {
    ...base,
    training: { trainer: "openai-wire" },
    experiment: { enabled: false, lookEvery: "2 seconds" },
    promotion: { mode: "automatic" },
    probation: { duration: "10 seconds" },
  },
};

/** Talks to the API as an operator does; gives null when it does not answer well. */
export function openOperator(stack: Stack, server: () => string) {
  const caller = openCaller();
  return {
    // biome-ignore lint/suspicious/noExplicitAny: answers of several routes
    async post(path: string, body: unknown): Promise<any> {
      const { status, body: answer } = await caller.send(server(), { path, key: stack.key, body });
      return status !== null && status < 300 ? answer : null;
    },
    async put(path: string, body: unknown): Promise<void> {
      const headers = { authorization: `Bearer ${stack.key}`, "content-type": "application/json" };
      const answer = await fetch(`${server()}${path}`, { method: "PUT", headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
    },
    close: () => caller.close(),
  };
}

export type Operator = ReturnType<typeof openOperator>;

/** Makes both loops, with enough to learn from, and brings the first one's experiment under way. */
export async function prepareLoops(
  stack: Stack,
  operator: Operator,
): Promise<{ interactions: number; ratings: number }> {
  const said = generateCorpus({ seed: 3, perAction: 10 });
  for (const name of [TRAFFIC, LEARNING]) {
    await operator.put(`/api/loops/${name}`, { ...settings[name as keyof typeof settings], name });
    const ratings = said.map(({ text, label }, index) => ({
      message_id: `early-${index}`,
      user_id: `early-user-${index % 40}`,
      feedback: index % 5 === 0 ? "down" : "up",
      user_message: text,
      assistant_response: JSON.stringify({ action: label, reply: "ok" }),
      action_type: label,
    }));
    if ((await operator.post(`/api/feedback?loop=${name}`, ratings)) === null) throw new Error("no ratings were taken");
  }
  await operator.post(`/api/loops/${TRAFFIC}/cycles`, { reason: "to have an experiment" });
  await until("the experiment", async () => {
    const [row] = await stack.query("select status from experiment where loop = $1", [TRAFFIC]);
    return row?.status === "running";
  });
  return { interactions: said.length, ratings: said.length };
}

export interface LearningFigures {
  /** Cycles whose start was acknowledged. */
  readonly cycles: string[];
  readonly faults: string[];
}

/** Pulses of both loops, and cycle after cycle in the second, until `work` is done; then waits until it has come to rest. */
export async function keepLearning(stack: Stack, operator: Operator, work: Promise<unknown>): Promise<LearningFigures> {
  const cycles: string[] = [];
  let over = false;
  void work.finally(() => {
    over = true;
  });
  while (!over) {
    const began = await operator.post(`/api/loops/${LEARNING}/cycles`, { reason: "to go on learning" });
    if (began !== null) cycles.push(began.id as string);
    for (const loop of [TRAFFIC, LEARNING]) await operator.post(`/api/loops/${loop}/pulse`, {});
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await until(
    "the last cycle's end",
    async () =>
      (await stack.query("select 1 from cycle where loop = $1 and outcome is null", [LEARNING])).length === 0 &&
      (await stack.query("select 1 from experiment where loop = $1 and status <> 'closed'", [LEARNING])).length === 0,
    180,
  );
  return { cycles, faults: await learningFaults(stack, cycles) };
}

async function learningFaults(stack: Stack, acknowledged: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  const ids = (await stack.query("select id from cycle where loop = $1", [LEARNING])).map(({ id }) => id);
  const lost = acknowledged.filter((id) => !ids.includes(id));
  if (lost.length > 0) faults.push(`cycles acknowledged and lost: ${lost.join(", ")}`);
  const more = await stack.query(
    "select cycle_id from training_run where loop = $1 group by cycle_id having count(*) > 1",
    [LEARNING],
  );
  if (more.length > 0) faults.push(`${more.length} cycles with more than one training run`);
  const [runs] = await stack.query("select count(job_id)::int as jobs from training_run where loop = $1", [LEARNING]);
  const stats = (await (await fetch(`${stack.sandboxUrl}/_sandbox/stats`)).json()) as { jobsCreated: number };
  if (stats.jobsCreated !== runs!.jobs) faults.push(`${stats.jobsCreated} jobs for ${runs!.jobs} training runs`);
  const champions = await stack.query("select loop from model where role = 'champion'");
  if (champions.length !== 2) faults.push(`${champions.length} champions in two loops`);
  const looks = await stack.query(
    "select experiment_id, count(*)::int as looks, max(number)::int as last from look group by 1 having count(*) <> max(number)",
  );
  if (looks.length > 0) faults.push(`looks with gaps: ${JSON.stringify(looks)}`);
  return faults;
}

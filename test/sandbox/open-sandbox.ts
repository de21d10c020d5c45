// What the sandbox's tests share: a server with OpenAI's own client before it, training lines, and a way to follow a job.
import { setTimeout } from "node:timers/promises";
import OpenAI, { toFile } from "openai";
import { chooseBase } from "../../src/sandbox/choose-base.ts";
import { generateCorpus, type Utterance } from "../../src/sandbox/corpus.ts";
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/start-sandbox.ts";

export const corpus = generateCorpus({ seed: 1 });
export const { base, rest } = chooseBase(corpus, { perAction: 2, seed: 1 });

export type Job = OpenAI.FineTuning.FineTuningJob;

export interface Opened extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly client: OpenAI;
  fault(fault: FaultInput): Promise<void>;
  calm(): Promise<void>;
  stats(): Promise<Stats>;
}

export interface Stats {
  readonly requests: Record<string, number>;
  readonly handled: Record<string, number>;
  readonly jobsCreated: number;
  readonly faultsFired: Record<string, number>;
  readonly now: { files: number; jobs: number };
}

/** An error as OpenAI's API sends it. */
export interface Refusal {
  readonly error: { message: string; param: string | null };
}

/** A sandbox on a free port whose jobs take no time. Closed by `await using`. */
export async function openSandbox(options: Partial<SandboxOptions> = {}): Promise<Opened> {
  const sandbox = await startSandbox({ port: 0, base, jobMilliseconds: 0, ...options });
  const admin = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${sandbox.url}/_sandbox/${path}`, init);
    if (!response.ok) throw new Error(await response.text());
    return await response.json();
  };
  return {
    sandbox,
    client: clientOf(sandbox.baseURL),
    fault: async (fault) => void (await admin("faults", { method: "POST", body: JSON.stringify(fault) })),
    calm: async () => void (await admin("faults", { method: "DELETE" })),
    stats: async () => (await admin("stats")) as Stats,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** Everything that comes, in order. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** OpenAI's client, told not to try again by itself. */
export function clientOf(baseURL: string): OpenAI {
  return new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
}

export function answerOf(action: string): string {
  return JSON.stringify({ action, reply: "Fine." });
}

/** Utterances as a training file. */
export function trainingLines(utterances: readonly Utterance[]): string {
  const lines = utterances.map(({ text, label }) =>
    JSON.stringify({
      messages: [
        { role: "system", content: "You are a household assistant." },
        { role: "user", content: text },
        { role: "assistant", content: answerOf(label) },
      ],
    }),
  );
  return `${lines.join("\n")}\n`;
}

export async function upload(client: OpenAI, content: string, name = "train.jsonl"): Promise<OpenAI.FileObject> {
  return await client.files.create({ file: await toFile(Buffer.from(content), name), purpose: "fine-tune" });
}

/** Asks for a job until `until` is true of it. */
export async function follow(client: OpenAI, id: string, until: (job: Job) => boolean): Promise<Job> {
  for (let asked = 0; asked < 1500; asked++) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (until(job)) return job;
    await setTimeout(20);
  }
  throw new Error(`job ${id} did not get there`);
}

export function isOver({ status }: Job): boolean {
  return ["succeeded", "failed", "cancelled"].includes(status);
}

/** Uploads, trains, and hands back the job when it is over. */
export async function train(client: OpenAI, content: string, model = "sandbox-base"): Promise<Job> {
  const file = await upload(client, content);
  const job = await client.fineTuning.jobs.create({ model, training_file: file.id, seed: 1 });
  return await follow(client, job.id, isOver);
}

/** The action that a model answers with. */
export async function actionOf(client: OpenAI, model: string, text: string): Promise<string> {
  const completion = await client.chat.completions.create({ model, messages: [{ role: "user", content: text }] });
  return JSON.parse(completion.choices[0]?.message.content ?? "{}").action;
}

/** The share of utterances that a model gets right. */
export async function accuracy(client: OpenAI, model: string, utterances: readonly Utterance[]): Promise<number> {
  let right = 0;
  for (const { text, label } of utterances) if ((await actionOf(client, model, text)) === label) right++;
  return right / utterances.length;
}

// Fine-tuning over OpenAI's protocol, at OpenAI or at anyone who speaks it.
import OpenAI, { toFile } from "openai";
import { REQUEST_TIMEOUT } from "../domain/submission-times.ts";
import { NotSent, readLookError } from "../providers/provider-error.ts";
import type { Providers } from "../providers/providers.ts";
import { trainingPrice } from "./prices.ts";
import type { Trainer, TrainingFile, TrainingOrder, TrainingStatus } from "./trainer.ts";

/** Jobs carry our key in their metadata: that is how they are found again. */
const KEY = "ratchet_key";

/** The trainer over these providers. Retries are never the client's: a repeated create would be paid for twice. */
export function openaiWire(providers: Providers, clock: () => number = Date.now): Trainer {
  const clientOf = (order: TrainingOrder) => providers.client(order.base);
  return {
    name: "openai-wire",
    estimate({ base, tokens, epochs }) {
      if (base.provider === "sandbox") return 0;
      const price = trainingPrice(base.model);
      return price === null ? null : (tokens / 1e6) * epochs * price;
    },
    async prepare(order, signal) {
      for (const file of filesOf(order)) await upload(clientOf(order), file, signal);
    },
    async find(order, signal) {
      const jobs = await clientOf(order).fineTuning.jobs.list(
        { metadata: { [KEY]: order.key }, limit: 100 },
        { signal, timeout: REQUEST_TIMEOUT },
      );
      return jobs.data
        .filter((job) => job.metadata?.[KEY] === order.key) // a provider may ignore the filter
        .sort((left, right) => left.created_at - right.created_at || (left.id < right.id ? -1 : 1))
        .map((job) => ({ id: job.id }));
    },
    async submit(order, { signal, notAfter }) {
      const client = clientOf(order);
      const [training, validation] = await fileIds(client, order, signal);
      if (clock() >= notAfter) throw new NotSent("it took too long to look for the files");
      const job = await client.fineTuning.jobs.create(
        {
          model: order.base.model,
          training_file: training!,
          ...(validation === undefined ? {} : { validation_file: validation }),
          suffix: order.suffix.slice(0, 64),
          seed: order.seed,
          metadata: { [KEY]: order.key },
          method: { type: "supervised", supervised: { hyperparameters: { n_epochs: order.epochs } } },
        },
        { signal, timeout: REQUEST_TIMEOUT, maxRetries: 0 },
      );
      return { id: job.id };
    },
    async status(order, job, signal) {
      return read(order, await clientOf(order).fineTuning.jobs.retrieve(job.id, { signal, timeout: REQUEST_TIMEOUT }));
    },
    async cancel(order, job, signal) {
      await clientOf(order)
        .fineTuning.jobs.cancel(job.id, { signal, timeout: REQUEST_TIMEOUT })
        .catch((error: unknown) => {
          // Ended already, or never there: either way nothing runs any more.
          if (!(error instanceof OpenAI.BadRequestError || error instanceof OpenAI.NotFoundError)) throw error;
        });
    },
  };
}

function read(order: TrainingOrder, job: OpenAI.FineTuning.FineTuningJob): TrainingStatus {
  const word: string = job.status;
  switch (word) {
    case "succeeded": {
      // Succeeded is not servable: the model's name may lag behind.
      if (job.fine_tuned_model === null) return { kind: "running", word: "succeeded, no model yet" };
      const price = order.base.provider === "sandbox" ? 0 : trainingPrice(order.base.model);
      return {
        kind: "succeeded",
        word,
        costUsd: price === null || job.trained_tokens === null ? null : (job.trained_tokens / 1e6) * price,
        model: { kind: "fine-tuned", address: { ...order.base, model: job.fine_tuned_model }, examples: null },
      };
    }
    case "failed":
      return {
        kind: "failed",
        word,
        reason: `the job failed (${job.error?.code ?? "no code"})`,
        detail: job.error?.message ?? null,
      };
    case "cancelled":
      return { kind: "cancelled", word, reason: "it was cancelled at the trainer", detail: null };
    default:
      return { kind: "running", word };
  }
}

const filesOf = (order: TrainingOrder) =>
  order.validation === null ? [order.training] : [order.training, order.validation];

/** Uploads a file unless it is there. Files have no metadata, so the name carries the content's hash. */
async function upload(client: OpenAI, file: TrainingFile, signal: AbortSignal): Promise<void> {
  if ((await find(client, file, signal)) !== null) return;
  await client.files.create(
    { file: await toFile(await file.read(), nameOf(file)), purpose: "fine-tune" },
    { signal, timeout: 120_000, maxRetries: 0 },
  );
}

/** The ids of the order's files. Whatever goes wrong here, the order itself has not left. */
async function fileIds(client: OpenAI, order: TrainingOrder, signal: AbortSignal): Promise<string[]> {
  try {
    const ids: string[] = [];
    for (const file of filesOf(order)) ids.push(await fileId(client, file, signal));
    return ids;
  } catch (error) {
    const fault = readLookError(error);
    throw fault.kind === "unsent" ? new NotSent(fault.message, { cause: error }) : error;
  }
}

/** The id of a file that was uploaded. One that is not listed yet is not submitted: the next attempt looks again. */
async function fileId(client: OpenAI, file: TrainingFile, signal: AbortSignal): Promise<string> {
  const id = await find(client, file, signal);
  if (id === null) throw new Error(`the file ${nameOf(file)} is not listed at the trainer yet`);
  return id;
}

async function find(client: OpenAI, file: TrainingFile, signal: AbortSignal): Promise<string | null> {
  for await (const known of client.files.list({ purpose: "fine-tune" }, { signal, timeout: REQUEST_TIMEOUT }))
    if (known.filename === nameOf(file)) return known.id;
  return null;
}

const nameOf = (file: TrainingFile) => `ratchet-${file.sha256}.jsonl`;

// A fine-tuning job and its events as OpenAI shows them.
import { isOver, type Job, type JobEvent } from "./job-life.ts";

const seconds = (ms: number) => Math.floor(ms / 1000);

export function showJob(job: Job) {
  const hyperparameters = { n_epochs: job.epochs, batch_size: "auto", learning_rate_multiplier: "auto" };
  const { validating_files, queued, running } = job.plan.milliseconds;
  return {
    object: "fine_tuning.job",
    id: job.id,
    created_at: seconds(job.createdMs),
    finished_at: job.finishedMs === null ? null : seconds(job.finishedMs),
    estimated_finish: isOver(job.status) ? null : seconds(job.createdMs + validating_files + queued + running),
    model: job.model,
    fine_tuned_model: job.fineTunedModel,
    organization_id: "org-sandbox",
    status: job.status,
    hyperparameters,
    method: { type: "supervised", supervised: { hyperparameters } },
    training_file: job.trainingFile,
    validation_file: job.validationFile,
    result_files: [],
    trained_tokens: job.trainedTokens,
    error: job.error,
    seed: job.seed,
    user_provided_suffix: job.suffix,
    integrations: [],
    metadata: job.metadata,
  };
}

export function showEvent({ id, createdMs, level, message }: JobEvent) {
  return {
    object: "fine_tuning.job.event",
    id,
    created_at: seconds(createdMs),
    level,
    message,
    type: "message",
    data: {},
  };
}

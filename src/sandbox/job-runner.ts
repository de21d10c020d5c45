// Makes jobs happen: wakes when a step is due, validates, trains, writes down. A restart goes on where the last process stopped.
import type { Classifier } from "./classifier.ts";
import type { FileLibrary } from "./file-library.ts";
import { enter, type Job, type JobError, modelNameOf, nextStep } from "./job-life.ts";
import { BASE_MODEL, type ModelLibrary } from "./model-library.ts";
import { seededRandom, shuffled } from "./seeded-random.ts";
import type { Shelf } from "./shelf.ts";
import type { Tally } from "./tally.ts";
import { readTrainingFile, type TrainingFile } from "./training-file.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface JobRunnerParts {
  readonly jobs: Shelf<Job>;
  readonly files: FileLibrary;
  readonly models: ModelLibrary;
  readonly tally: Tally;
  readonly clock: () => number;
  readonly log: (event: string, facts: Record<string, unknown>) => void;
}

export class JobRunner {
  readonly #parts: JobRunnerParts;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  /** Takes up every job that is not over. */
  constructor(parts: JobRunnerParts) {
    this.#parts = parts;
    for (const job of parts.jobs.all()) this.#wake(job);
  }

  /** Puts a new job, or a changed one, on record and sees to its next step. */
  record(job: Job): void {
    this.#parts.jobs.put(job);
    this.#parts.log("sandbox_job", { job: job.id, status: job.status });
    this.#wake(job);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #wake(job: Job): void {
    clearTimeout(this.#timers.get(job.id));
    this.#timers.delete(job.id);
    const step = nextStep(job);
    if (step === null || this.#closed) return;
    const wait = Math.min(LONGEST_TIMER_MS, Math.max(0, step.atMs - this.#parts.clock()));
    const due = () => this.#take(job.id).catch((error) => this.#fail(job.id, serverError(error)));
    this.#timers.set(job.id, setTimeout(due, wait));
  }

  async #take(id: string): Promise<void> {
    const job = this.#parts.jobs.get(id);
    const step = job === undefined ? null : nextStep(job);
    if (job === undefined || step === null) return;
    const now = this.#parts.clock();
    if (step.atMs > now) return this.#wake(job);
    switch (step.kind) {
      case "queue":
        return await this.#validate(job);
      case "run":
        return this.record(enter(job, "running", now, "Fine-tuning job started"));
      case "finish":
        return await this.#train(job);
      case "reveal":
        return this.record({ ...job, fineTunedModel: modelNameOf(job, BASE_MODEL) });
      default:
        return step.kind satisfies never;
    }
  }

  async #validate(job: Job): Promise<void> {
    if (job.plan.failure?.in === "validating_files") return this.#fail(job.id, job.plan.failure);
    for (const [param, file] of [
      ["training_file", job.trainingFile],
      ["validation_file", job.validationFile],
    ] as const) {
      if (file === null) continue;
      const { faults } = await this.#read(file);
      if (faults.length > 0) return this.#fail(job.id, invalidFile(param, file, faults));
    }
    const current = this.#unlessChanged(job);
    if (current !== null)
      this.record(enter(current, "queued", this.#parts.clock(), "Files validated, moving job to queued state"));
  }

  async #train(job: Job): Promise<void> {
    if (job.plan.failure !== null) return this.#fail(job.id, job.plan.failure);
    const { models, tally, clock } = this.#parts;
    const parent = models.classifier(job.model);
    if (parent === undefined)
      return this.#fail(job.id, {
        code: "model_not_found",
        message: `The model ${job.model} is gone.`,
        param: "model",
      });
    const file = await this.#read(job.trainingFile);
    if (file.faults.length > 0) return this.#fail(job.id, invalidFile("training_file", job.trainingFile, file.faults));
    const current = this.#unlessChanged(job);
    if (current === null) return;
    const { plan } = current;
    const trainedTokens = file.tokens * job.epochs;
    const name = modelNameOf(job, BASE_MODEL);
    // The model before the job that names it: a kill in between runs the job again, which makes the same model.
    if (plan.modelAfterMs !== null) {
      models.add(name, job.model, learn(parent, file, job), clock());
      tally.did("modelsTrained");
    }
    tally.tokens("trained", trainedTokens);
    const fineTunedModel = plan.modelAfterMs === 0 ? name : null;
    this.record(
      enter(current, "succeeded", clock(), "The job has successfully completed", { trainedTokens, fineTunedModel }),
    );
  }

  async #read(id: string): Promise<TrainingFile> {
    const { files } = this.#parts;
    if (files.get(id) === undefined) return { examples: [], lines: 0, tokens: 0, faults: ["the file is gone"] };
    return await readTrainingFile(files.content(id));
  }

  /** The job as it is now, or null when it was cancelled, or the server closed, while a file was read. */
  #unlessChanged(job: Job): Job | null {
    const current = this.#parts.jobs.get(job.id);
    return this.#closed || current?.status !== job.status ? null : current;
  }

  #fail(id: string, { code, message, param }: JobError): void {
    const job = this.#parts.jobs.get(id);
    if (job === undefined || this.#closed || nextStep(job) === null) return;
    this.record(enter(job, "failed", this.#parts.clock(), message, { error: { code, message, param } }));
  }
}

function learn(parent: Classifier, file: TrainingFile, job: Job): Classifier {
  const classifier = parent.clone();
  const labels = file.examples.map(({ label }) => label);
  const taught = job.plan.noise ? shuffled(labels, seededRandom(job.seed)) : labels;
  for (const [index, { text }] of file.examples.entries())
    classifier.learn({ text, label: taught[index]!, weight: job.epochs });
  return classifier;
}

function invalidFile(param: string, file: string, faults: readonly string[]): JobError {
  return {
    code: "invalid_training_file",
    message: `The job failed because ${file} is not valid: ${faults.join("; ")}`,
    param,
  };
}

function serverError(error: unknown): JobError {
  return {
    code: "server_error",
    message: `The sandbox could not go on with the job: ${(error as Error).message}`,
    param: null,
  };
}

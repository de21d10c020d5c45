// /v1/fine_tuning/jobs: create, find, follow and cancel jobs.
import { randomBytes, randomInt } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { ApiError, parseBody, readJson } from "./api-error.ts";
import type { Environment } from "./guard.ts";
import { enter, isOver, type Job } from "./job-life.ts";
import { page } from "./page.ts";
import { planJob } from "./plan-job.ts";
import type { SandboxParts } from "./sandbox-parts.ts";
import { showEvent, showJob } from "./show-job.ts";

const epochs = z.union([z.literal("auto"), z.number().int().min(1).max(50)]);
const hyperparameters = z.looseObject({ n_epochs: epochs.optional() });
const request = z.looseObject({
  model: z.string().min(1),
  training_file: z.string().min(1),
  validation_file: z.string().min(1).nullish(),
  suffix: z.string().min(1).max(64).nullish(),
  seed: z.number().int().min(0).nullish(),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, "holds more than 16 pairs")
    .nullish(),
  method: z
    .looseObject({
      type: z.literal("supervised", { error: 'the sandbox trains by "supervised" only' }),
      supervised: z.looseObject({ hyperparameters: hyperparameters.nullish() }).nullish(),
    })
    .nullish(),
  hyperparameters: hyperparameters.nullish(),
});

const USUAL_EPOCHS = 1;
const METADATA_FILTER = /^metadata\[(.+)\]$/;

export function jobsRoute(parts: SandboxParts): Hono<Environment> {
  const { jobs, runner, faults, tally, clock, guarded } = parts;
  const find = (id: string): Job => {
    const job = jobs.get(id);
    if (job === undefined)
      throw new ApiError(404, `Could not find fine tune: ${id}`, {
        param: "fine_tuning_job_id",
        code: "fine_tune_not_found",
      });
    return job;
  };
  return new Hono<Environment>()
    .post("/", guarded("jobs.create"), async (context) => {
      const job = newJob(parts, parseBody(request, await readJson(context.req)));
      runner.record(job);
      tally.did("jobsCreated");
      return context.json(showJob(job));
    })
    .get("/", guarded("jobs.list"), (context) => {
      const query = context.req.query();
      const wanted = Object.entries(query).flatMap(([key, value]) => {
        const name = METADATA_FILTER.exec(key)?.[1];
        return name === undefined ? [] : [[name, value] as const];
      });
      const newest = clock() - (faults.take("jobs.list", ["lag-list"])?.ms ?? 0);
      const shown = jobs
        .all()
        .filter(
          ({ metadata, createdMs }) =>
            createdMs <= newest && wanted.every(([name, value]) => metadata?.[name] === value),
        );
      return context.json(page(shown.reverse().map(showJob), query));
    })
    .get("/:id", guarded("jobs.get"), (context) => context.json(showJob(find(context.req.param("id")))))
    .get("/:id/events", guarded("jobs.events"), (context) => {
      const { events } = find(context.req.param("id"));
      return context.json(page(events.map(showEvent).reverse(), context.req.query()));
    })
    .get("/:id/checkpoints", guarded("jobs.checkpoints"), (context) => {
      find(context.req.param("id"));
      return context.json(page([], context.req.query()));
    })
    .post("/:id/cancel", guarded("jobs.cancel"), (context) => {
      const job = find(context.req.param("id"));
      if (isOver(job.status))
        throw new ApiError(400, `Job ${job.id} has already ${job.status}: it cannot be cancelled`, {
          code: "job_is_over",
        });
      const cancelled = enter(job, "cancelled", clock(), "The job was cancelled");
      runner.record(cancelled);
      return context.json(showJob(cancelled));
    });
}

function newJob(
  { models, files, jobs, faults, clock, jobMilliseconds }: SandboxParts,
  asked: z.output<typeof request>,
): Job {
  if (models.classifier(asked.model) === undefined)
    throw new ApiError(400, `Model ${asked.model} is not available for fine-tuning or does not exist.`, {
      param: "model",
      code: "model_not_available",
    });
  for (const param of ["training_file", "validation_file"] as const) {
    const id = asked[param];
    if (id === undefined || id === null) continue;
    const file = files.get(id);
    if (file === undefined) throw new ApiError(400, `File '${id}' does not exist.`, { param, code: "file_not_found" });
    if (file.purpose !== "fine-tune")
      throw new ApiError(400, `File '${id}' has the purpose '${file.purpose}': upload it with 'fine-tune'.`, {
        param,
        code: "invalid_file_purpose",
      });
  }
  const wanted = (asked.method?.supervised?.hyperparameters ?? asked.hyperparameters)?.n_epochs ?? "auto";
  const now = clock();
  const job: Job = {
    id: `ftjob-${randomBytes(12).toString("hex")}`,
    sequence: jobs.nextSequence(),
    createdMs: now,
    model: asked.model,
    trainingFile: asked.training_file,
    validationFile: asked.validation_file ?? null,
    suffix: asked.suffix ?? null,
    seed: asked.seed ?? randomInt(2 ** 31),
    metadata: asked.metadata ?? null,
    epochs: wanted === "auto" ? USUAL_EPOCHS : wanted,
    plan: planJob(faults, jobMilliseconds),
    status: "validating_files",
    sinceMs: now,
    finishedMs: null,
    trainedTokens: null,
    fineTunedModel: null,
    error: null,
    events: [],
  };
  return enter(job, "validating_files", now, `Created fine-tuning job: ${job.id}`);
}

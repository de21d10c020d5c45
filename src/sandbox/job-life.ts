// A fine-tuning job's life as facts and pure steps: what it is, and what comes next and when.
import type { Row } from "./shelf.ts";

export type JobStatus = "validating_files" | "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** How the job will go; settled when it is created, faults included, so that a restart changes nothing. */
export interface JobPlan {
  readonly milliseconds: Readonly<Record<"validating_files" | "queued" | "running", number>>;
  /** A status that it never leaves by itself. */
  readonly stuckIn: JobStatus | null;
  readonly failure: (JobError & { readonly in: "validating_files" | "running" }) | null;
  /** How long after success the model's name is shown; null: there will be no model. */
  readonly modelAfterMs: number | null;
  readonly noise: boolean;
}

export interface JobEvent {
  readonly id: string;
  readonly createdMs: number;
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}

export interface Job extends Row {
  readonly createdMs: number;
  readonly model: string;
  readonly trainingFile: string;
  readonly validationFile: string | null;
  readonly suffix: string | null;
  readonly seed: number;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly epochs: number;
  readonly plan: JobPlan;
  readonly status: JobStatus;
  /** When it came into this status. */
  readonly sinceMs: number;
  readonly finishedMs: number | null;
  readonly trainedTokens: number | null;
  readonly fineTunedModel: string | null;
  readonly error: JobError | null;
  readonly events: readonly JobEvent[];
}

export type JobStep = { readonly kind: "queue" | "run" | "finish" | "reveal"; readonly atMs: number };

/** The next thing that happens to a job by itself, and when; null when nothing will. */
export function nextStep(job: Job): JobStep | null {
  const { plan, status, sinceMs } = job;
  if (plan.stuckIn === status) return null;
  switch (status) {
    case "validating_files":
      return { kind: "queue", atMs: sinceMs + plan.milliseconds.validating_files };
    case "queued":
      return { kind: "run", atMs: sinceMs + plan.milliseconds.queued };
    case "running":
      return { kind: "finish", atMs: sinceMs + plan.milliseconds.running };
    case "succeeded":
      if (plan.modelAfterMs === null || job.fineTunedModel !== null) return null;
      return { kind: "reveal", atMs: sinceMs + plan.modelAfterMs };
    case "failed":
    case "cancelled":
      return null;
    default:
      return status satisfies never;
  }
}

/** Whether a job has come to its end. */
export function isOver(status: JobStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

/** The job in another status, with an event that says so. */
export function enter(job: Job, status: JobStatus, nowMs: number, message: string, facts: Partial<Job> = {}): Job {
  const level = status === "failed" ? "error" : status === "cancelled" ? "warn" : "info";
  const event: JobEvent = {
    id: `${job.id.replace("ftjob", "ftevent")}-${job.events.length + 1}`,
    createdMs: nowMs,
    level,
    message,
  };
  const finishedMs = isOver(status) ? nowMs : null;
  return { ...job, finishedMs, ...facts, status, sinceMs: nowMs, events: [...job.events, event] };
}

/** The name of the model that a job makes: always the same one, so that a job which is run twice makes one model. */
export function modelNameOf(job: Job, base: string): string {
  const suffix = (job.suffix ?? "").toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  return `ft:${base}:${suffix}:${job.id.slice(-8)}`;
}

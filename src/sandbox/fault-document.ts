// What a fault is, as operators and tests write it: a kind, where it strikes, and how often.
import { z } from "zod";
import { nearest } from "../domain/nearest.ts";
import { ApiError, parseBody } from "./api-error.ts";

export const routes = [
  "chat",
  "embeddings",
  "models.list",
  "models.get",
  "models.delete",
  "files.create",
  "files.list",
  "files.get",
  "files.content",
  "files.delete",
  "jobs.create",
  "jobs.list",
  "jobs.get",
  "jobs.events",
  "jobs.checkpoints",
  "jobs.cancel",
] as const;
export type Route = (typeof routes)[number];
const places = ["*", "models", "files", "jobs", ...routes];

const common = {
  /** How often it strikes before it is used up; without it, for ever. */
  times: z.number().int().min(1).optional(),
  /** Strikes this share of the requests, by a chance that repeats with the same `seed`. */
  probability: z.number().gt(0).max(1).default(1),
  seed: z.number().int().default(1),
};
/** A route ("jobs.create"), a group of them ("jobs"), or all ("*"). */
const anywhere = {
  ...common,
  route: z.enum(places, { error: (issue) => unknown("route", issue.input, places) }).default("*"),
};
const ms = z.number().min(0);

const kinds = z.discriminatedUnion(
  "kind",
  [
    // Strike a request.
    z.strictObject({ kind: z.literal("429"), retryAfterSeconds: z.number().min(0).default(1), ...anywhere }),
    z.strictObject({ kind: z.literal("429-quota"), ...anywhere }),
    z.strictObject({ kind: z.literal("400"), ...anywhere }),
    z.strictObject({ kind: z.literal("401"), ...anywhere }),
    z.strictObject({ kind: z.literal("403"), ...anywhere }),
    z.strictObject({ kind: z.literal("500"), ...anywhere }),
    z.strictObject({ kind: z.literal("503"), ...anywhere }),
    /** Cuts the connection before anything is done. */
    z.strictObject({ kind: z.literal("reset"), ...anywhere }),
    /** Does the work, then cuts the connection: the client never hears of it. */
    z.strictObject({ kind: z.literal("accept-then-reset"), ...anywhere }),
    /** Takes the request and goes on with it after `ms`; without `ms`, never. */
    z.strictObject({ kind: z.literal("hang"), ms: ms.optional(), ...anywhere }),
    z.strictObject({ kind: z.literal("delay"), ms, ...anywhere }),
    /** Lists leave out what is younger than `ms`. */
    z.strictObject({ kind: z.literal("lag-list"), ms, ...anywhere }),
    /** One fine-tuned model, or every one, is not there. */
    z.strictObject({ kind: z.literal("model-gone"), model: z.string().min(1).optional(), ...anywhere }),
    // Strike a job when it is created.
    z.strictObject({ kind: z.literal("job-slow"), ms, ...common }),
    z.strictObject({
      kind: z.literal("job-fail"),
      in: z.enum(["validating_files", "running"]).default("running"),
      code: z.string().min(1).default("server_error"),
      message: z.string().min(1).default("The job failed due to an internal error."),
      ...common,
    }),
    /** Stays in a status until it is cancelled; with `ms`, goes on after that. */
    z.strictObject({
      kind: z.literal("job-stuck"),
      status: z.enum(["validating_files", "queued", "running"]),
      ms: ms.optional(),
      ...common,
    }),
    /** Succeeds, and its model's name comes `ms` later; without `ms`, never. */
    z.strictObject({ kind: z.literal("job-no-model"), ms: ms.optional(), ...common }),
    /** Trains with shuffled answers: makes a worse model. */
    z.strictObject({ kind: z.literal("train-on-noise"), ...common }),
  ],
  { error: (issue) => unknown("kind", (issue.input as { kind?: unknown } | undefined)?.kind, kindNames()) },
);

const document = z.union(
  [z.strictObject({ faults: z.array(z.unknown()) }), z.array(z.unknown()), z.looseObject({ kind: z.unknown() })],
  {
    error: 'send one fault, as {"kind":"500","route":"chat","times":2}, a list of them, or {"faults":[…]}',
  },
);

export type FaultInput = z.input<typeof kinds>;
export type SandboxFault = z.output<typeof kinds>;
export type FaultKind = SandboxFault["kind"];

/** Parses one fault, a list, or {"faults": […]}. Throws a 400 that says for each what is wrong and what is known. */
export function parseFaults(input: unknown): SandboxFault[] {
  const shape = parseBody(document, input);
  const list: unknown[] = Array.isArray(shape) ? shape : isBatch(shape) ? shape.faults : [shape];
  return list.map((fault, index) => {
    try {
      return parseBody(kinds, fault);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new ApiError(400, `fault ${index + 1}: ${error.message}`, { param: error.param });
    }
  });
}

function isBatch(shape: object): shape is { faults: unknown[] } {
  return "faults" in shape && Array.isArray(shape.faults);
}

function kindNames(): string[] {
  return kinds.options.map((option) => option.shape.kind.value);
}

function unknown(what: string, input: unknown, known: readonly string[]): string {
  if (typeof input !== "string") return `"${what}" must be one of ${known.join(", ")}`;
  const near = nearest(input, known);
  return `unknown ${what} "${input}"${near === null ? "" : `: did you mean "${near}"?`} Known: ${known.join(", ")}`;
}

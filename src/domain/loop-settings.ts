// A loop's settings: every value has a default, every fault is named with its place.
import { z } from "zod";
import { durationFault, milliseconds } from "./duration.ts";
import { durationFrom } from "./duration-setting.ts";
import { Fault } from "./fault.ts";
import { metricFaults, metricSettings } from "./metric-settings.ts";
import { nearest } from "./nearest.ts";
import { rampFaults } from "./ramp-faults.ts";
import { snapshotSettings } from "./snapshot-settings.ts";

const duration = durationFrom("0 seconds");
const share = z.number().gt(0).lt(1);
const fraction = z.number().min(0).max(1);
const count = z.number().int().min(0);
const usd = z.number().min(0);

const calendar = z.strictObject({
  days: z.array(z.enum(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])).min(1),
  at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written as "03:00"'),
  timeZone: z
    .string()
    .default("UTC")
    .refine(
      (zone) => Intl.supportedValuesOf("timeZone").includes(zone) || zone === "UTC",
      'a time zone is written as "Europe/Berlin" or "UTC"',
    ),
});

const TRAINERS = ["in-context", "openai-wire"] as const;

/** The model of a loop that names none. */
const USUAL_MODEL = { "openai-wire": "llama-3.3-70b-instruct", sandbox: "sandbox-base" } as const;

/** A loop's name: it is its identity, in URLs, search attributes and rows. */
export const loopName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    "a loop's name is 1 to 40 small letters, digits and hyphens, and begins with a letter",
  );

const schema = z.strictObject({
  name: loopName,
  model: z
    .strictObject({
      provider: z.enum(["openai-wire", "sandbox"]).default("openai-wire"),
      baseURL: z.url().nullable().default(null),
      name: z.string().min(1).optional(),
      vision: z.string().nullable().default(null),
    })
    .transform((model) => ({ ...model, name: model.name ?? USUAL_MODEL[model.provider] }))
    .prefault({}),
  /** Where the action of an answer is read from: a JSON pointer into the answer ("/action"), or null: the application says. */
  actionFrom: z.string().startsWith("/", 'a JSON pointer begins with "/", as "/action"').nullable().default(null),
  schedule: z.strictObject({ every: durationFrom("1 second").default("30 minutes") }).prefault({}),
  readiness: z.strictObject({ minFeedback: count.default(500), optimalFeedback: count.default(1000) }).prefault({}),
  triggers: z
    .strictObject({
      newSamples: count.min(1).nullable().default(1000),
      interval: durationFrom("1 second").nullable().default("7 days"),
      calendar: calendar.nullable().default(null),
      qualityDrop: fraction.nullable().default(0.1),
      errorRate: fraction.nullable().default(0.2),
      cooldown: duration.default("24 hours"),
    })
    .prefault({}),
  quality: z
    .strictObject({
      missing: z.union([z.enum(["pass", "drop"]), fraction]).default("pass"),
      rules: z.array(z.never('quality rules come in a later version: leave "rules" empty')).default([]),
      judge: z.null('a quality judge comes in a later version: leave "judge" null').default(null),
    })
    .prefault({}),
  snapshot: snapshotSettings.prefault({}),
  training: z
    .strictObject({
      trainer: z.enum(TRAINERS).default("in-context"),
      /** Who trains when the trainer is closed to us (403); null: nobody, the cycle ends. */
      fallback: z.enum(TRAINERS).nullable().default("in-context"),
      automatic: z.union([z.boolean(), z.literal("free")]).default("free"),
      method: z.enum(["sft"]).default("sft"),
      epochs: count.min(1).default(1),
      /** How many approved examples the in-context trainer puts in front of a request. */
      examplesPerRequest: count.min(1).max(64).default(8),
      /** How long a job may take before it is cancelled and the cycle ends. */
      deadline: durationFrom("1 second").default("24 hours"),
    })
    .prefault({}),
  budget: z.strictObject({ perRunUsd: usd.default(10), monthlyUsd: usd.default(50) }).prefault({}),
  evaluation: z
    .strictObject({
      goldSet: z.string().min(1).nullable().default(null),
      minImprovement: z.number().min(-1).max(1).default(0),
      maxForgetting: fraction.default(0.02),
    })
    .prefault({}),
  experiment: z
    .strictObject({
      enabled: z.boolean().default(true),
      ...metricSettings,
      share: share.default(0.1),
      /** Instead of the one share: how many meet the challenger, and from when on; the last share is the final one. */
      ramp: z
        .array(z.strictObject({ share, from: duration.default("0 seconds") }))
        .min(1, 'has no step: write [{"share": 0.1}], or null for a fixed share')
        .max(10, "has more than ten steps: each is judged by itself, and few people in many steps tell little")
        .nullable()
        .default(null),
      /** Accounts of one's own that are to meet one side, whatever their hash says; they never count. */
      testAccounts: z
        .array(z.strictObject({ user_id: z.string().min(1).max(512), variant: z.enum(["challenger", "champion"]) }))
        .max(100)
        .default([]),
      /** Compare the champion with itself whenever nothing else is to be done: what is found then is chance, or a fault. */
      aa: z.boolean().default(false),
      minEvidence: duration.default("24 hours"),
      minDuration: duration.default("48 hours"),
      maxDuration: durationFrom("1 second").default("14 days"),
      lookEvery: durationFrom("1 second").default("30 minutes"),
      minLift: z.number().min(0).max(1).default(0.05),
    })
    .prefault({}),
  promotion: z
    .strictObject({
      mode: z.enum(["approval", "automatic"]).default("approval"),
      approvalTimeout: duration.default("7 days"),
    })
    .prefault({}),
  probation: z
    .strictObject({ duration: duration.default("48 hours"), holdback: z.number().min(0).max(0.5).default(0.05) })
    .prefault({}),
  retention: z
    .strictObject({
      interactions: duration.default("6 months"),
      models: duration.default("90 days"),
      snapshotFiles: duration.default("6 months"),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      approvalBelow: fraction.default(0.8),
      actionApprovalBelow: fraction.default(0.85),
      spike: z.number().gt(1).default(3),
      webhook: z.null('alerts by webhook come in a later version: leave "webhook" null').default(null),
      email: z.null('alerts by e-mail come in a later version: leave "email" null').default(null),
    })
    .prefault({}),
});

export const loopSettings = schema.superRefine((settings, context) => {
  const { experiment, readiness, probation } = settings;
  const fail = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
  for (const { path, message } of metricFaults(experiment)) fail(["experiment", ...path], message);
  if (
    [experiment.minDuration, experiment.maxDuration, experiment.minEvidence].some(
      (text) => durationFault(text) !== null,
    )
  )
    return;
  if (experiment.aa && !experiment.enabled)
    fail(["experiment", "aa"], "needs experiments: they are switched off (experiment.enabled is false)");
  if (milliseconds(experiment.minDuration) > milliseconds(experiment.maxDuration))
    fail(
      ["experiment", "minDuration"],
      `is longer than maxDuration (${experiment.maxDuration}): no experiment could ever promote`,
    );
  if (milliseconds(experiment.minEvidence) > milliseconds(experiment.maxDuration))
    fail(["experiment", "minEvidence"], `is longer than maxDuration (${experiment.maxDuration})`);
  if (experiment.ramp !== null)
    for (const { step, key, fault } of rampFaults(experiment.ramp, experiment.maxDuration))
      fail(["experiment", "ramp", String(step), key], fault);
  const finalShare = experiment.ramp?.at(-1)?.share ?? experiment.share;
  if (finalShare + probation.holdback > 1)
    fail(
      ["probation", "holdback"],
      `overlaps the experiment's share (${finalShare}): the two together must not exceed 1`,
    );
  for (const [index, { user_id: user }] of experiment.testAccounts.entries())
    if (experiment.testAccounts.findIndex((account) => account.user_id === user) < index)
      fail(["experiment", "testAccounts", String(index), "user_id"], "is there twice: an account has one side");
  if (readiness.minFeedback > readiness.optimalFeedback)
    fail(["readiness", "minFeedback"], `is above optimalFeedback (${readiness.optimalFeedback})`);
});

export type LoopSettings = z.output<typeof loopSettings>;

/** Parses settings, filling in every default. Throws a Fault that lists all faults with their places. */
export function parseLoopSettings(input: unknown): LoopSettings {
  const result = loopSettings.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => describe(issue));
  throw new Fault("invalid", `the loop's settings are not valid: ${faults.join("; ")}`, {
    hint: "correct these settings and apply them again; nothing was changed",
    details: { faults },
  });
}

function describe(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return `unknown setting "${[...issue.path, key].join(".")}"${near === null ? ` (known here: ${known.join(", ")})` : `: did you mean "${near}"?`}`;
    });
  }
  return [place === "" ? issue.message : `"${place}" ${issue.message}`];
}

function keysAt(path: PropertyKey[]): string[] {
  let shape: unknown = schema;
  for (const key of path) {
    const outer = unwrap(shape) as { shape?: Record<string, unknown>; element?: unknown };
    shape = typeof key === "number" ? outer.element : outer.shape?.[key as string];
  }
  return Object.keys((unwrap(shape) as z.ZodObject).shape ?? {});
}

/** The object inside defaults, pre-faults and transforms. */
function unwrap(type: unknown): unknown {
  let inner = type as { def?: { innerType?: unknown; in?: unknown } } | undefined;
  for (let next = inner; next !== undefined; next = (inner?.def?.innerType ?? inner?.def?.in) as typeof inner)
    inner = next;
  return inner;
}

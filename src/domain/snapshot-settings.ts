// The settings of what a model may learn from: what is chosen, what is taken out of it, and how much of each kind.
import { z } from "zod";
import { durationFrom } from "./duration-setting.ts";
import { redactedKinds } from "./personal-data.ts";

const fraction = z.number().min(0).max(1);
const share = z.number().gt(0).max(1);

/** The window that opens where the last training run's ended. */
export const SINCE_TRAINING = "since training";

/** Part `snapshot` of a loop's settings. */
export const snapshotSettings = z.strictObject({
  /** Lowest quality that may teach. */
  minQuality: fraction.default(0.7),
  /** Only what people rated up, or corrected; otherwise all that nobody rated down. */
  positiveOnly: z.boolean().default(true),
  /** What a person would rather have read is taught in place of the answer. */
  corrections: z.boolean().default(true),
  /** Null: all that is kept. "24 hours": what happened in them. "since training": what was said or rated since the last run. */
  window: z
    .union([z.literal(SINCE_TRAINING), durationFrom("1 second")])
    .nullable()
    .default(null),
  /** Only these; null: any. */
  actionTypes: z.array(z.string().min(1).max(100)).min(1).nullable().default(null),
  /** A row for each approved answer, or one for each conversation, whole. */
  turns: z.enum(["pairs", "conversations"]).default("pairs"),
  redact: redactedKinds.default("all"),
  /** What stays: own domains (with what is below them), addresses, numbers, as they are written. */
  allow: z.array(z.string().trim().min(1).max(200)).max(1000).default([]),
  redactAt: z
    .literal("export", 'redaction before storing comes in a later version: leave "redactAt" at "export"')
    .default("export"),
  /** From which similarity on two examples are copies (Jaccard, of five-character pieces); null: only exact ones are. */
  nearDuplicate: z.number().min(0.5).max(1).nullable().default(0.8),
  /** Of a snapshot with a window: how much of it are examples from before, so that a model does not forget. */
  rehearsalShare: z.number().min(0).max(0.5).default(0.05),
  /** A file of one's own to rehearse from, by its SHA-256, in place of older examples. */
  rehearsalFile: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "is not a SHA-256 of 64 hex digits: PUT /api/loops/{loop}/rehearsal answers with one")
    .nullable()
    .default(null),
  /** The most that one person's examples may be of all. */
  perUnitShare: share.default(0.02),
  /** The most that one action type's may be; null: no bound. */
  perActionShare: share.nullable().default(null),
  /** How many times an example of an action stands in the training file: {"cancel_order": 3}. */
  actionWeights: z.record(z.string().min(1).max(100), z.number().int().min(1).max(20)).default({}),
  /** The most that answers of the loop's own trained models may be: a model that feeds on itself narrows. */
  ownOutputShare: share.default(0.8),
  validationShare: z.number().min(0).max(0.5).default(0.1),
  maxFileBytes: z.number().int().min(1000).default(50_000_000),
});

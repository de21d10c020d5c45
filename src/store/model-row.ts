// How a model's row reads.
import { z } from "zod";

export const modelRow = z.object({
  id: z.string(),
  loop: z.string(),
  name: z.string(),
  kind: z.enum(["base", "fine-tuned", "in-context", "prompt"]),
  role: z.enum(["candidate", "challenger", "champion", "standby", "retired", "rejected"]),
  provider: z.object({
    provider: z.enum(["openai-wire", "sandbox"]),
    baseURL: z.string().nullable(),
    model: z.string(),
  }),
  examples: z.object({ sha256: z.string(), perRequest: z.number() }).nullable(),
  training_run_id: z.string().nullable(),
  twin_of: z.string().nullable(),
  created_at: z.date(),
  role_since: z.date(),
});

/** An immutable thing that can answer, and its role. */
export interface Model {
  id: string;
  loop: string;
  name: string;
  kind: "base" | "fine-tuned" | "in-context" | "prompt";
  role: "candidate" | "challenger" | "champion" | "standby" | "retired" | "rejected";
  /** What answers: a provider, its address when it is not the usual one, and its name for the model. */
  provider: { provider: "openai-wire" | "sandbox"; baseURL: string | null; model: string };
  /** Approved examples to put in front of a request: the artifact, and how many. */
  examples: { sha256: string; perRequest: number } | null;
  trainingRunId: string | null;
  /** The model that this is another name of; null for all but twins. */
  twinOf: string | null;
  createdAt: Date;
  roleSince: Date;
}

export function modelFrom(row: z.output<typeof modelRow>): Model {
  const { training_run_id, twin_of, created_at, role_since, ...same } = row;
  return { ...same, trainingRunId: training_run_id, twinOf: twin_of, createdAt: created_at, roleSince: role_since };
}

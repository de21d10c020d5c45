// Learning without weights: the candidate is the base model plus approved examples, put in front of each request.
// Nothing is ordered anywhere, so nothing can be ordered twice: the job is the examples file itself.
import type { Trainer } from "./trainer.ts";

export const inContext: Trainer = {
  name: "in-context",
  estimate: () => 0,
  prepare: async () => {},
  find: async () => [],
  submit: async (order) => ({ id: order.examples.sha256 }),
  status: async (order, job) => ({
    kind: "succeeded",
    word: "succeeded",
    costUsd: 0,
    model: {
      kind: "in-context",
      address: order.base,
      examples: { sha256: job.id, perRequest: order.examplesPerRequest },
    },
  }),
  cancel: async () => {},
};

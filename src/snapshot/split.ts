// Splits examples into training and validation so that no person stands on both sides.
import { createHash } from "node:crypto";
import type { Example } from "./example.ts";

export interface Split {
  readonly training: Example[];
  readonly validation: Example[];
}

/** Trainers of OpenAI's protocol refuse a file of fewer, and fewer say nothing about a model. */
const LEAST_IN_A_FILE = 10;

/**
 * Each person (else conversation, else interaction) goes to one side by a hash with the seed: the same person stays there
 * from snapshot to snapshot. `validationShare` is from 0 to 1, of people. Where chance leaves fewer than ten examples on a
 * side, all train instead.
 */
export function split(examples: readonly Example[], validationShare: number, seed: string): Split {
  const training: Example[] = [];
  const validation: Example[] = [];
  for (const example of examples) {
    (point(group(example), seed) < validationShare ? validation : training).push(example);
  }
  const enough = Math.min(training.length, validation.length) >= LEAST_IN_A_FILE;
  return enough ? { training, validation } : { training: [...examples], validation: [] };
}

function group(example: Example): string {
  if (example.unit !== null) return `unit:${example.unit}`;
  return example.conversation === null
    ? `interaction:${example.interactionId}`
    : `conversation:${example.conversation}`;
}

/** A point in [0, 1) that depends on nothing but the group and the seed: 48 bits of SHA-256. */
function point(group: string, seed: string): number {
  return createHash("sha256").update(`${seed}\n${group}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

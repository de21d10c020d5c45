// How much a trainer takes, as numbers that a trainer of its own may replace.
import type { FormatName } from "./formats.ts";

export interface TrainingLimits {
  readonly fewestExamples: number;
  /** Infinity where nobody says; so in all others. */
  readonly tokensAnExample: number;
  readonly fileBytes: number;
  readonly imagesAnExample: number;
  /** Of the image itself, not of its base64. */
  readonly imageBytes: number;
  readonly examplesWithImages: number;
}

/** Sources: OpenAI, "Supervised fine-tuning" and "Vision fine-tuning". Azure takes 64 images an example. */
export const OPENAI_LIMITS: TrainingLimits = {
  fewestExamples: 10,
  tokensAnExample: 65_536,
  fileBytes: 512 * 1024 ** 2,
  imagesAnExample: 10,
  imageBytes: 10 * 1024 ** 2,
  examplesWithImages: 50_000,
};

/** What one trains oneself has no limit but one's own; nothing is learned from nothing. */
export const LOCAL_LIMITS: TrainingLimits = {
  fewestExamples: 1,
  tokensAnExample: Infinity,
  fileBytes: Infinity,
  imagesAnExample: Infinity,
  imageBytes: Infinity,
  examplesWithImages: Infinity,
};

export function limitsOf(format: FormatName): TrainingLimits {
  return format.startsWith("openai-") ? OPENAI_LIMITS : LOCAL_LIMITS;
}

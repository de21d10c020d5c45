// How rows are prepared, under a name that changes when what comes out could.
import { canonicalJson } from "../domain/canonical-json.ts";
import { sha256 } from "../domain/sha256.ts";

/** Raised when the same row comes out of preparing differently: another recogniser, another count of tokens, another line. */
const FORMAT = 1;

export interface Recipe {
  readonly format: number;
  readonly redact: "all" | "none" | readonly string[];
  /** What stays though it looks personal: the loop's own domains, addresses and numbers. */
  readonly allow: readonly string[];
  /** Whether only rated interactions are prepared, or all. */
  readonly ratedOnly: boolean;
  /** Whether the last answer alone is learned, or all those of a conversation. */
  readonly turns: "pairs" | "conversations";
}

/** The recipe of a loop's settings; lists in order, so that one written in another order is the same recipe. */
export function recipeOf({
  redact,
  allow,
  positiveOnly,
  turns,
}: {
  redact: Recipe["redact"];
  allow: readonly string[];
  positiveOnly: boolean;
  turns: Recipe["turns"];
}): Recipe {
  return {
    format: FORMAT,
    redact: typeof redact === "string" ? redact : [...redact].sort(),
    allow: [...allow].sort(),
    ratedOnly: positiveOnly,
    turns,
  };
}

/** 16 hex digits of the SHA-256 of its canonical JSON. */
export function recipeId(recipe: Recipe): string {
  return sha256(canonicalJson(recipe)).slice(0, 16);
}

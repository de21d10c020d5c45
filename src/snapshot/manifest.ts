// The page that says what is in a snapshot and why; its hash is the snapshot's name for ever.
import { canonicalJson } from "../domain/canonical-json.ts";
import { sha256 } from "../domain/sha256.ts";
import type { Diversity } from "./diversity.ts";
import type { DropCounts } from "./drop-words.ts";
import type { Recipe } from "./recipe.ts";

/** Raised when the bytes that the same rows give change. */
export const MANIFEST_FORMAT = "ratchet-snapshot/2";

export type SnapshotRole = "training" | "validation" | "examples" | "preferences" | "rejected";

export interface ManifestFile {
  readonly name: string;
  /**
   * Training and validation files go to trainers; "examples" is the in-context trainer's. "preferences" has pairs of answers
   * to the same question, "rejected" answers that people did not want: what other formats are written from. These stay in
   * the house.
   */
  readonly role: SnapshotRole;
  readonly sha256: string;
  readonly bytes: number;
  /** Lines. */
  readonly examples: number;
  /** Of a training or validation file, by o200k_base; a repeated line counts each time. */
  readonly tokens?: number;
}

/** In the API's spelling, since it is served as it is. */
export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly loop: string;
  /** The moment that the snapshot is of: ISO 8601, UTC. */
  readonly created_for: string;
  /** Which of the loop's snapshots of that day it is, from 1. */
  readonly number_of_day: number;
  /** What of the loop's settings decided its content. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** How its rows were prepared. */
  readonly recipe: Recipe & { readonly id: string };
  /** The pulse up to which interactions and feedback were seen. */
  readonly watermark: number;
  /** The pulse after which a window "since training" opens; null: there is no such window. */
  readonly window_from: number | null;
  /** The instant from which a window of a duration opens: ISO 8601, UTC; null: there is no such window. */
  readonly window_since: string | null;
  readonly code_version: string;
  readonly seed: string;
  /** Of the gold cases that examples were held against. */
  readonly gold: { readonly cases: number; readonly sha256: string } | null;
  readonly files: readonly ManifestFile[];
  readonly considered: number;
  readonly kept: number;
  readonly dropped: DropCounts;
  readonly by_action_type: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** How many spans were replaced in what was kept, by type. */
  readonly redactions: Readonly<Record<string, number>>;
  /** Of what was kept: answers of the loop's own trained models, corrections by people, examples from before the window. */
  readonly own_outputs: number;
  readonly corrections: number;
  readonly rehearsed: { readonly examples: number; readonly sha256: string | null };
  /** Answers rated down that were left out, or not paired, since what was preferred stands on the other side of the split. */
  readonly rejected_across_sides: number;
  readonly diversity: Diversity;
  /** What one run on these tokens would cost, by trainer; null: nobody knows its price. */
  readonly estimated_usd: Readonly<Record<string, number | null>>;
}

export interface SealedManifest {
  readonly manifest: Manifest;
  /** The manifest as it is kept: canonical JSON, indented by two, with a newline at the end. */
  readonly text: string;
  /** Of the text. */
  readonly sha256: string;
}

/** Seals the facts: the same facts give the same hash. */
export function manifestOf(facts: Omit<Manifest, "format">): SealedManifest {
  const manifest: Manifest = { format: MANIFEST_FORMAT, ...facts };
  const text = `${canonicalJson(manifest, 2)}\n`;
  return { manifest, text, sha256: sha256(text) };
}

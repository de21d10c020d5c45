// The page that says what is in a snapshot and why; its hash is the snapshot's name for ever.
import { canonicalJson } from "../domain/canonical-json.ts";
import { sha256 } from "../domain/sha256.ts";
import type { DropCounts } from "./drop-words.ts";

/** Raised when the bytes that the same rows give change. */
export const MANIFEST_FORMAT = "ratchet-snapshot/1";

export type SnapshotRole = "training" | "validation" | "examples";

export interface ManifestFile {
  readonly name: string;
  /** Training and validation files go to trainers; "examples" is the in-context trainer's and stays in the house. */
  readonly role: SnapshotRole;
  readonly sha256: string;
  readonly bytes: number;
  readonly examples: number;
}

/** In the API's spelling, since it is served as it is. */
export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly loop: string;
  /** The moment that the snapshot is of: ISO 8601, UTC. */
  readonly created_for: string;
  /** What of the loop's settings decided its content. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The pulse up to which interactions and feedback were seen. */
  readonly watermark: number;
  readonly code_version: string;
  readonly seed: string;
  readonly files: readonly ManifestFile[];
  readonly considered: number;
  readonly kept: number;
  readonly dropped: DropCounts;
  readonly by_action_type: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** How many spans were replaced in what was kept, by type. */
  readonly redactions: Readonly<Record<string, number>>;
}

export interface SealedManifest {
  readonly manifest: Manifest;
  /** Of its canonical JSON, indented by two, with a newline at the end. */
  readonly sha256: string;
}

/** Seals the facts: the same facts give the same hash. */
export function manifestOf(facts: Omit<Manifest, "format">): SealedManifest {
  const manifest: Manifest = { format: MANIFEST_FORMAT, ...facts };
  return { manifest, sha256: sha256(`${canonicalJson(manifest, 2)}\n`) };
}

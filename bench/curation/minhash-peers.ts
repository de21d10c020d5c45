// rensa (Rust) and datasketch (Python, NumPy) on near-duplicates, each in a Python environment of its own.

import { join } from "node:path";
import { runInPython } from "../peers/python-environment.ts";

export interface MinHashPeer {
  library: "rensa" | "datasketch";
  /** The package with its exact version. */
  pin: string;
}

export const MINHASH_PEERS: readonly MinHashPeer[] = [
  { library: "rensa", pin: "rensa==0.5.0" },
  { library: "datasketch", pin: "datasketch==2.0.0" },
];

export interface PeerSearch {
  /** For each text the one it is dropped for; -1 where it stays. */
  duplicateOf: number[];
  /** Of processor time, for all of it. */
  nanoseconds: number;
}

export function runMinHashPeer(
  { library, pin }: MinHashPeer,
  texts: readonly string[],
  threshold: number,
): PeerSearch | { skipped: string } {
  const script = join(import.meta.dirname, "near_duplicates_find.py");
  return runInPython(pin, script, { library, texts, threshold });
}

// Vectors that lie beside the repository, when they do: the tests that use them skip elsewhere.

import { existsSync, readFileSync } from "node:fs";

const file = new URL("../../../shared/data/statistics/vectors.json", import.meta.url);

/** Vectors whose id starts so, or a message for the test to skip by. */
export function sharedVectors<Vector>(prefix: string): { vectors: (Vector & { id: string })[]; skip: string | false } {
  if (!existsSync(file)) return { vectors: [], skip: "../shared/data/statistics/vectors.json is not there" };
  const { vectors }: { vectors: (Vector & { id: string })[] } = JSON.parse(readFileSync(file, "utf8"));
  return { vectors: vectors.filter(({ id }) => id.startsWith(prefix)), skip: false };
}

// What a model needs to answer, kept in memory: models never change, so neither does what is kept of them.
import { z } from "zod";
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Database } from "../db/database.ts";
import { loadModel, type Model } from "../store/models.ts";
import { type Example, type ExampleIndex, indexExamples } from "./example-index.ts";

export interface ServedModel {
  model: Model;
  examples: ExampleIndex | null;
}
export type ServedModels = (loop: string, id: string) => Promise<ServedModel>;

const KEPT = 64;
const line = z.looseObject({
  prompt: z.string(),
  response: z.looseObject({ role: z.string(), content: z.unknown().optional() }),
});

/** Loads models by id, once each; the ones used least lately are let go. */
export function createServedModels(deps: { db: Database; artifacts: Artifacts }): ServedModels {
  const kept = new Map<string, Promise<ServedModel>>();
  return (loop, id) => {
    const key = `${loop}/${id}`;
    const held = kept.get(key);
    if (held !== undefined) {
      kept.delete(key);
      kept.set(key, held);
      return held;
    }
    const loading = load(deps, loop, id);
    kept.set(key, loading);
    loading.catch(() => kept.delete(key));
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return loading;
  };
}

async function load(
  { db, artifacts }: { db: Database; artifacts: Artifacts },
  loop: string,
  id: string,
): Promise<ServedModel> {
  const model = await db.withLoop(loop, (tx) => loadModel(tx, loop, id));
  if (model.examples === null) return { model, examples: null };
  const file = await artifacts.get(loop, model.examples.sha256);
  return { model, examples: indexExamples(parseExamples(file.toString("utf8"))) };
}

/** The examples file of a snapshot, one JSON object a line. */
export function parseExamples(text: string): Example[] {
  return text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => line.parse(JSON.parse(row)))
    .map(({ prompt, response }) => ({ prompt, messages: [{ role: "user", content: prompt }, response] }));
}

// How ids are answered: {"id"} for one, {"data":[{"id"}]} for a list.
import { z } from "@hono/zod-openapi";
import type { Answer } from "./endpoint.ts";

const one = z.object({ id: z.string() });

export function idsAnswer(status: 201 | 202, description: string): Answer {
  return { status, description, schema: z.union([one, z.object({ data: z.array(one) })]) };
}

export function answerIds(ids: readonly string[], many: boolean) {
  return many ? { data: ids.map((id) => ({ id })) } : { id: ids[0]! };
}

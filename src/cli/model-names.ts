// What a loop's models are called, by id: answers name them by id, people do not.
import { z } from "zod";
import { read } from "./api-client.ts";
import type { Context } from "./context.ts";
import { pageOf } from "./page.ts";

const models = pageOf(z.object({ id: z.string(), name: z.string() }));

export async function modelNames(context: Context, loop: string): Promise<Map<string, string>> {
  const { data } = read(models, await context.api().get(`/api/loops/${encodeURIComponent(loop)}/models`));
  return new Map(data.map(({ id, name }) => [id, name]));
}

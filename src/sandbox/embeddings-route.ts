// POST /v1/embeddings: hashed vectors.
import { Hono } from "hono";
import { z } from "zod";
import { parseBody, readJson } from "./api-error.ts";
import { DEFAULT_DIMENSIONS, embed, toBase64 } from "./embed.ts";
import type { Environment } from "./guard.ts";
import { EMBEDDING_MODEL } from "./model-library.ts";
import { modelNotFound } from "./models-route.ts";
import type { SandboxParts } from "./sandbox-parts.ts";
import { tokensOf } from "./tokens.ts";

const text = z.string().min(1, "must not be empty");
const request = z.looseObject({
  model: z.string().min(1),
  input: z.union([text, z.array(text).min(1).max(2048)], {
    error: "must be a text or a list of 1 to 2048 texts, none of them empty",
  }),
  dimensions: z.number().int().min(1).max(4096).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});

export function embeddingsRoute({ tally, guarded }: SandboxParts): Hono<Environment> {
  return new Hono<Environment>().post("/", guarded("embeddings"), async (context) => {
    const asked = parseBody(request, await readJson(context.req));
    if (asked.model !== EMBEDDING_MODEL) throw modelNotFound(asked.model);
    const texts = typeof asked.input === "string" ? [asked.input] : asked.input;
    const tokens = texts.reduce((sum, each) => sum + tokensOf(each), 0);
    tally.tokens("embedding", tokens);
    const data = texts.map((each, index) => {
      const vector = embed(each, asked.dimensions ?? DEFAULT_DIMENSIONS);
      return {
        object: "embedding",
        index,
        embedding: asked.encoding_format === "base64" ? toBase64(vector) : [...vector],
      };
    });
    return context.json({
      object: "list",
      data,
      model: asked.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  });
}

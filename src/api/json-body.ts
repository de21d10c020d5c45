// Reads the body once, up to a limit. It is taken for JSON whatever its content type says: keys travel in a header,
// so there is nothing that a browser's simple request could do in somebody's name.
import { createMiddleware } from "hono/factory";
import { Fault } from "../domain/fault.ts";

/** Refuses bodies of more than `limit` bytes. */
export function jsonBody(limit: number) {
  return createMiddleware(async ({ req }, next) => {
    if (Number(req.header("content-length") ?? 0) > limit) throw tooLarge(limit);
    const text = req.raw.body === null ? "" : await readText(req.raw.body, limit);
    req.bodyCache.text = Promise.resolve(text) as never; // typed as the text, read as a promise of it
    if (text.trim() === "") req.raw.headers.delete("content-type");
    else req.raw.headers.set("content-type", "application/json");
    await next();
  });
}

async function readText(body: ReadableStream<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function tooLarge(limit: number): Fault {
  return new Fault("too_large", `the body is larger than ${Math.round(limit / 1_000_000)} MB`, {
    hint: "send it in several requests; nothing was recorded",
  });
}

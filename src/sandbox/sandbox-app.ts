// The sandbox's routes under one roof, with the notice that it is a sandbox on every answer.
import { Hono } from "hono";
import { adminRoute } from "./admin-route.ts";
import { ApiError } from "./api-error.ts";
import { chatRoute } from "./chat-route.ts";
import { embeddingsRoute } from "./embeddings-route.ts";
import { filesRoute } from "./files-route.ts";
import type { Environment } from "./guard.ts";
import { jobsRoute } from "./jobs-route.ts";
import { modelsRoute } from "./models-route.ts";
import type { SandboxParts } from "./sandbox-parts.ts";

const ABOUT = `Ratchet sandbox: a small server that speaks OpenAI's protocol, for trying out and for tests.

It is not a language model. A word-counting classifier answers with the likeliest action; fine-tuning jobs and examples in
the prompt really change what it answers. It asks nobody for a key, so keep it on this machine.

  /v1/models, /v1/chat/completions, /v1/embeddings, /v1/files, /v1/fine_tuning/jobs
  /_sandbox/faults   GET, POST, DELETE: faults on and off
  /_sandbox/stats    GET: what happened so far
`;

export function sandboxApp(
  parts: SandboxParts,
  log: (event: string, facts: Record<string, unknown>) => void,
): Hono<Environment> {
  const app = new Hono<Environment>();
  app.use(async (context, next) => {
    context.header("x-ratchet-sandbox", "true");
    await next();
  });
  app.get("/", (context) => context.text(ABOUT));
  app.route("/v1/models", modelsRoute(parts));
  app.route("/v1/chat", chatRoute(parts));
  app.route("/v1/embeddings", embeddingsRoute(parts));
  app.route("/v1/files", filesRoute(parts));
  app.route("/v1/fine_tuning/jobs", jobsRoute(parts));
  app.route("/_sandbox", adminRoute(parts));
  app.notFound((context) => {
    const error = new ApiError(
      404,
      `Unknown request URL: ${context.req.method} ${context.req.path}. GET / says what there is.`,
      { code: "unknown_url" },
    );
    return context.json(error.body(), 404);
  });
  app.onError((error, context) => {
    if (error instanceof ApiError) return context.json(error.body(), error.status, { ...error.headers });
    log("sandbox_error", { message: error.message });
    return context.json(new ApiError(500, "The sandbox failed.", { type: "server_error" }).body(), 500);
  });
  return app;
}

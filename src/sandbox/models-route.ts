// GET and DELETE /v1/models: which models there are, and until when.
import { Hono } from "hono";
import { ApiError } from "./api-error.ts";
import type { Classifier } from "./classifier.ts";
import type { Route } from "./fault-document.ts";
import type { Environment } from "./guard.ts";
import { BASE_MODEL, EMBEDDING_MODEL } from "./model-library.ts";
import type { SandboxParts } from "./sandbox-parts.ts";

/** The 404 of a model that is not there. */
export function modelNotFound(name: string): ApiError {
  return new ApiError(
    404,
    `The model '${name}' does not exist or you do not have access to it. The sandbox has ${BASE_MODEL}, ${EMBEDDING_MODEL} and what was fine-tuned from them.`,
    {
      param: "model",
      code: "model_not_found",
    },
  );
}

/** What answers for a name. Throws a 404 when there is none, or when a fault has made it go away. */
export function chatModel(parts: SandboxParts, route: Route, name: string): Classifier {
  const classifier = isGone(parts, route, name) ? undefined : parts.models.classifier(name);
  if (classifier === undefined) throw modelNotFound(name);
  return classifier;
}

function isGone({ faults, models }: SandboxParts, route: Route, name: string): boolean {
  const concerns = (fault: { model?: string | undefined }) =>
    fault.model === undefined ? models.isFineTuned(name) : fault.model === name;
  return faults.take(route, ["model-gone"], concerns) !== null;
}

export function modelsRoute(parts: SandboxParts): Hono<Environment> {
  const { models, guarded } = parts;
  return new Hono<Environment>()
    .get("/", guarded("models.list"), (context) => {
      const there = models.names().filter((name) => !isGone(parts, "models.list", name));
      return context.json({ object: "list", data: there.map((name) => models.show(name)) });
    })
    .get("/:model", guarded("models.get"), (context) => {
      const name = context.req.param("model");
      const shown = isGone(parts, "models.get", name) ? undefined : models.show(name);
      if (shown === undefined) throw modelNotFound(name);
      return context.json(shown);
    })
    .delete("/:model", guarded("models.delete"), (context) => {
      const name = context.req.param("model");
      if (models.show(name) === undefined) throw modelNotFound(name);
      if (!models.remove(name))
        throw new ApiError(403, `${name} is built in: only fine-tuned models can be deleted`, { param: "model" });
      return context.json({ id: name, object: "model", deleted: true });
    });
}

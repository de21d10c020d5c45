// Puts the API together: what every request passes through, then the routes, one file per concern.
import { OpenAPIHono } from "@hono/zod-openapi";
import { except } from "hono/combine";
import packageJson from "../../package.json" with { type: "json" };
import type { ApiDeps } from "./api-deps.ts";
import { createAuth } from "./auth.ts";
import { calibrationRoutes } from "./calibration.ts";
import { cycleRoutes } from "./cycles.ts";
import { registerDocuments } from "./documents.ts";
import { comeBackElsewhere } from "./drain.ts";
import type { ApiEnvironment } from "./environment.ts";
import { answerError, unknownRoute } from "./errors.ts";
import { experimentRoutes } from "./experiments.ts";
import { feedbackRoutes } from "./feedback.ts";
import { feedbackExportRoutes } from "./feedback-export.ts";
import { frontPage } from "./front-page.ts";
import { gatewayRoutes } from "./gateway.ts";
import { goldRoutes } from "./gold.ts";
import { healthRoutes } from "./health.ts";
import { interactionRoutes } from "./interactions.ts";
import { jsonBody } from "./json-body.ts";
import { keyRoutes } from "./keys.ts";
import { learningRoutes } from "./learning.ts";
import { loopCommandRoutes } from "./loop-commands.ts";
import { loopRoutes } from "./loops.ts";
import { metricsRoutes } from "./metrics.ts";
import { observed } from "./observed.ts";
import { planRoutes } from "./plan.ts";
import { recordRoutes } from "./records.ts";
import { recountRoutes } from "./recount.ts";
import { REHEARSAL_PATH, rehearsalRoutes } from "./rehearsal.ts";
import { routingRoutes } from "./routing.ts";
import { snapshotExportRoutes } from "./snapshot-export.ts";
import { snapshotRebuildRoutes } from "./snapshot-rebuild.ts";
import { snapshotRoutes } from "./snapshots.ts";
import { statusRoutes } from "./status.ts";

/** Bytes. Images in chat requests are large; records are not. */
const LARGEST_CHAT = 50_000_000;
const LARGEST = 10_000_000;

/** The whole API, listening nowhere: the composition root gives it a port, tests call `request`. */
export function createApi(deps: ApiDeps): OpenAPIHono<ApiEnvironment> {
  const api = new OpenAPIHono<ApiEnvironment>();
  const auth = createAuth(deps);
  api.onError((error, context) => answerError(context, error, deps.log));
  api.notFound((context) => unknownRoute(context));
  registerDocuments(api);
  api.use(observed(deps));
  api.use(comeBackElsewhere(deps.stopping));

  frontPage(api, deps);
  healthRoutes(api, deps);
  metricsRoutes(api, deps, auth);
  api.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Ratchet", version: packageJson.version, description: packageJson.description },
  });

  api.use("/v1/*", auth.middleware, jsonBody(LARGEST_CHAT));
  api.use("/api/*", auth.middleware, except(REHEARSAL_PATH, jsonBody(LARGEST)));
  gatewayRoutes(api, deps);
  interactionRoutes(api, deps);
  feedbackExportRoutes(api, deps);
  feedbackRoutes(api, deps);
  learningRoutes(api, deps);
  loopRoutes(api, deps);
  statusRoutes(api, deps);
  routingRoutes(api, deps);
  loopCommandRoutes(api, deps);
  recordRoutes(api, deps);
  goldRoutes(api, deps);
  cycleRoutes(api, deps);
  experimentRoutes(api, deps);
  recountRoutes(api, deps);
  planRoutes(api, deps);
  calibrationRoutes(api, deps);
  snapshotRoutes(api, deps);
  snapshotRebuildRoutes(api, deps);
  snapshotExportRoutes(api, deps);
  rehearsalRoutes(api, deps);
  keyRoutes(api, deps, auth);
  return api;
}

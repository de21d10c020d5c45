// The API server: wiring only; any number of them may run.
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import packageJson from "../package.json" with { type: "json" };
import { createApi } from "./api/app.ts";
import { drain } from "./api/drain.ts";
import { openArtifacts } from "./artifacts/artifacts.ts";
import { reachTemporal } from "./client.ts";
import { readConfig, required } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { Fault } from "./domain/fault.ts";
import { unitHasher } from "./domain/unit-hash.ts";
import { announceReady, endWithParent } from "./embedded/parent-link.ts";
import { createLog } from "./log.ts";
import { createProviders } from "./providers/providers.ts";
import { reportAndExit } from "./report-and-exit.ts";
import { createRoutingCache } from "./serving/routing-cache.ts";
import { createServedModels } from "./serving/served-models.ts";
import { createServerMetrics } from "./telemetry/server-metrics.ts";
import { clientInterceptors } from "./telemetry/temporal.ts";
import { startTracing } from "./telemetry/tracing.ts";

/** How long requests under way may take once the server has stopped listening; the provider may be slow. */
const PATIENCE_MS = 30_000;
/** Longer than balancers keep a connection (a minute, usually): it is theirs to close, or a request may meet the closing. */
const KEEP_ALIVE_MS = 75_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog("server", config.logLevel);
  const { version } = packageJson;
  const tracing = startTracing(config.tracing, {
    process: "server",
    version,
    onLoss: (error) => log.warn({ event: "telemetry_not_sent", error }),
  });
  const metrics = createServerMetrics({ version });
  const db = openDatabase(required(config.databaseUrl, "DATABASE_URL", "the server has no database"), {
    max: 20,
    onError: (error) => log.warn({ event: "database_connection_lost", error: error.message }),
  });
  await db.ping();
  const artifacts = openArtifacts(
    required(config.artifacts, "RATCHET_ARTIFACTS", "the server has no place for snapshots' files"),
  );
  const hash = unitHasher(required(config.secret, "RATCHET_SECRET", "people would be kept without a keyed hash"));
  const workflows = reachTemporal(
    {
      address: required(config.temporal.address, "TEMPORAL_ADDRESS", "the server has nobody to start workflows"),
      namespace: config.temporal.namespace,
      apiKey: config.temporal.apiKey,
      tls: config.temporal.tls,
    },
    clientInterceptors(tracing),
  );
  const clock = () => Date.now();
  const stopping = new AbortController();
  const api = createApi({
    db,
    serving: {
      db,
      providers: createProviders(config.providers),
      routing: createRoutingCache(db, clock),
      models: createServedModels({ db, artifacts }),
      hash,
      clock,
      log,
      meter: metrics,
    },
    workflows,
    artifacts,
    hash,
    clock,
    log,
    metrics,
    metricsFor: config.metrics.for,
    stopping: stopping.signal,
    temporalUi: config.temporal.ui,
  });
  const server = serve({ fetch: api.fetch, hostname: config.host, port: config.port }, ({ port }) => {
    log.info({ event: "server_started", port });
    announceReady({ port });
  }) as Server; // HTTP/1.1, since no other was asked for
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on("error", (error: NodeJS.ErrnoException) => {
    reportAndExit(
      error.code === "EADDRINUSE"
        ? new Fault("unavailable", `port ${config.port} is taken`, {
            hint: "stop what listens there, or set RATCHET_PORT to another (0 takes a free one)",
          })
        : error,
    );
  });
  const stop = async () => {
    if (stopping.signal.aborted) return;
    log.info({ event: "server_draining" });
    const cutOff = await drain(server, stopping, { leadMs: config.drainMs, patienceMs: PATIENCE_MS });
    await workflows.close();
    await db.close();
    await tracing?.stop();
    log.info({ event: "server_stopped", cut_off: cutOff });
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  endWithParent(stop);
}

main().catch(reportAndExit);

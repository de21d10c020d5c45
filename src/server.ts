// The API server: wiring only; any number of them may run.
import { serve } from "@hono/node-server";
import { createApi } from "./api/app.ts";
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

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog("server", config.logLevel);
  const db = openDatabase(required(config.databaseUrl, "DATABASE_URL", "the server has no database"), {
    max: 20,
    onError: (error) => log.warn({ event: "database_connection_lost", error: error.message }),
  });
  await db.ping();
  const artifacts = openArtifacts(
    required(config.artifacts, "RATCHET_ARTIFACTS", "the server has no place for snapshots' files"),
  );
  const hash = unitHasher(required(config.secret, "RATCHET_SECRET", "people would be kept without a keyed hash"));
  const workflows = reachTemporal({
    address: required(config.temporal.address, "TEMPORAL_ADDRESS", "the server has nobody to start workflows"),
    namespace: config.temporal.namespace,
    apiKey: config.temporal.apiKey,
    tls: config.temporal.tls,
  });
  const clock = () => Date.now();
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
    },
    workflows,
    artifacts,
    hash,
    clock,
    log,
    temporalUi: config.temporal.ui,
  });
  const server = serve({ fetch: api.fetch, hostname: config.host, port: config.port }, ({ port }) => {
    log.info({ event: "server_started", port });
    announceReady({ port });
  });
  server.on("error", (error: NodeJS.ErrnoException) => {
    reportAndExit(
      error.code === "EADDRINUSE"
        ? new Fault("unavailable", `port ${config.port} is taken`, {
            hint: "stop what listens there, or set RATCHET_PORT to another (0 takes a free one)",
          })
        : error,
    );
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    server.close(async () => {
      await workflows.close();
      await db.close();
      log.info({ event: "server_stopped" });
    });
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  endWithParent(stop);
}

main().catch(reportAndExit);

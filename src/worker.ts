// The worker: does what workflows ask for. Wiring only; any number of them may run.
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import packageJson from "../package.json" with { type: "json" };
import { everyPulse } from "./activities/every-pulse.ts";
import { createActivities, createHeavyActivities } from "./activities/index.ts";
import { createPreparer } from "./activities/preparing/preparer.ts";
import { sweepSnapshotFolders } from "./activities/snapshot-folder.ts";
import { openArtifacts } from "./artifacts/artifacts.ts";
import { connectionOptions, connectTemporal, ensureSearchAttributes } from "./client.ts";
import { readConfig, required } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { Fault } from "./domain/fault.ts";
import { HEAVY_TASK_QUEUE, TASK_QUEUE } from "./domain/task-queues.ts";
import { announceReady, endWithParent } from "./embedded/parent-link.ts";
import { createLog, type Log } from "./log.ts";
import { createProviders } from "./providers/providers.ts";
import { reportAndExit } from "./report-and-exit.ts";
import { createServedModels } from "./serving/served-models.ts";
import { clientInterceptors, workerTracing } from "./telemetry/temporal.ts";
import { startTracing } from "./telemetry/tracing.ts";
import { createLoopMeter, measuredActivities, workerTelemetry } from "./telemetry/worker-metrics.ts";
import { createTrainers } from "./trainers/registry.ts";

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog("worker", config.logLevel);
  const { version } = packageJson;
  const tracing = startTracing(config.tracing, {
    process: "worker",
    version,
    onLoss: (error) => log.warn({ event: "telemetry_not_sent", error }),
  });
  const traced = workerTracing(tracing);
  install(log, config.metrics.worker);
  const settings = {
    address: required(config.temporal.address, "TEMPORAL_ADDRESS", "the worker has nobody to ask for work"),
    namespace: config.temporal.namespace,
    apiKey: config.temporal.apiKey,
    tls: config.temporal.tls,
  };
  const db = openDatabase(required(config.databaseUrl, "DATABASE_URL", "the worker has no database"), {
    mostWorkedMs: 50_000, // within the minute that an activity has
    onError: (error) => log.warn({ event: "database_connection_lost", error: error.message }),
  });
  const artifacts = openArtifacts(
    required(config.artifacts, "RATCHET_ARTIFACTS", "the worker has no place for snapshots' files"),
  );
  await db.ping();
  const { connection: clientConnection, workflows } = await connectTemporal(settings, clientInterceptors(tracing));
  await ensureSearchAttributes(clientConnection, settings.namespace);
  await everyPulse(db, workflows);
  await sweepSnapshotFolders();
  const providers = createProviders(config.providers);
  const { metricMeter } = Runtime.instance();
  const preparer = createPreparer(config.work.threads);
  const deps = {
    db,
    artifacts,
    providers,
    trainers: createTrainers(providers),
    models: createServedModels({ db, artifacts }),
    workflows,
    preparer,
    log,
    meter: createLoopMeter(metricMeter),
    codeVersion: version,
  };
  const connection = await NativeConnection.connect(connectionOptions(settings));
  const shared = {
    connection,
    namespace: settings.namespace,
    interceptors: { activity: [...traced.activity, measuredActivities(metricMeter)] },
    shutdownGraceTime: "30 seconds" as const,
  };
  const workers: Worker[] = [];
  if (config.work.kind !== "heavy")
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: TASK_QUEUE,
        workflowBundle: await bundleWorkflowCode({
          workflowsPath: fileURLToPath(import.meta.resolve("./workflows/index.ts")),
          workflowInterceptorModules: traced.workflowModules,
          logger: new DefaultLogger("ERROR"), // the bundler's progress is nobody's news
        }),
        activities: createActivities(deps),
        ...(traced.sinks === undefined ? {} : { sinks: traced.sinks }),
        maxCachedWorkflows: 50,
        maxConcurrentActivityTaskExecutions: 20,
      }),
    );
  if (config.work.kind !== "loops")
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: HEAVY_TASK_QUEUE,
        activities: createHeavyActivities(deps),
        maxConcurrentActivityTaskExecutions: 2, // each uses all the threads there are
      }),
    );
  const stop = () => {
    for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  endWithParent(stop);
  log.info({ event: "worker_started", task_queue: workers.map(({ options }) => options.taskQueue).join(", ") });
  announceReady();
  await Promise.all(
    workers.map(
      (worker) => worker.run().finally(stop), // one that fails takes the other along: half a worker would go unnoticed
    ),
  );
  await preparer.close();
  await connection.close();
  await workflows.close();
  await db.close();
  await tracing?.stop();
  log.info({ event: "worker_stopped" });
}

function install(log: Log, metricsAt: string | null): void {
  try {
    Runtime.install({
      telemetryOptions: workerTelemetry(metricsAt),
      logger: new DefaultLogger("WARN", ({ level, message, meta }) => {
        if (message.startsWith("No workflows registered")) return; // the heavy queue has activities alone
        log[level === "ERROR" ? "error" : "warn"]({ event: "temporal_worker", ...meta }, message);
      }),
      shutdownSignals: [],
    });
  } catch (error) {
    if (metricsAt === null) throw error;
    throw new Fault("unavailable", `no page of metrics at ${metricsAt} (${(error as Error).message})`, {
      hint: "RATCHET_WORKER_METRICS names an address of this machine and a free port, one for each worker",
      cause: error,
    });
  }
}

main().catch(reportAndExit);

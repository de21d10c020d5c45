// What the API is put together from; the composition root hands it in.
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Workflows } from "../client.ts";
import type { Database } from "../db/database.ts";
import type { Log } from "../log.ts";
import type { ServingDeps } from "../serving/chat.ts";
import type { ServerMetrics } from "../telemetry/server-metrics.ts";

export interface ApiDeps {
  db: Database;
  serving: ServingDeps;
  /** Commands are kept on their rows first; a workflow that cannot be told hears of them later. */
  workflows: Workflows;
  artifacts: Artifacts;
  /** Hashes a unit of a loop. */
  hash: (loop: string, unit: string) => string;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
  metrics: ServerMetrics;
  /** Who may read the page of metrics. */
  metricsFor: "everybody" | "keys" | "nobody";
  /** Aborted when this server is being taken out of service. */
  stopping: AbortSignal;
  /** Where Temporal's Web UI is, when known. */
  temporalUi: string | null;
}

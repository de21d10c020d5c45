// Keeps PostgreSQL and Temporal running on the data folder, for those who named no servers of their own.
import { createChildLog } from "./child-log.ts";
import type { Household } from "./household.ts";
import { type RunningPostgres, startPostgres } from "./postgres.ts";
import { type RunningTemporal, startTemporal } from "./temporal.ts";
import { temporalBinary } from "./temporal-binary.ts";

/** @returns a function that gives the server as it is now; after a restart it has the same port */
export async function keepPostgres({ supervisor, progress, data, ports }: Household): Promise<() => RunningPostgres> {
  const { log } = createChildLog(data.logs, "postgres", progress.tell);
  return progress.during(
    "PostgreSQL",
    () =>
      supervisor.keep("postgres", (previous: RunningPostgres | undefined, onSpawned) =>
        startPostgres({ dataDir: data.postgres, port: previous?.port ?? ports.postgres, log, onSpawned }),
      ),
    (current) => `PostgreSQL ${current().version} on port ${current().port} ready`,
  );
}

export interface FindTemporal {
  /** Path of the Temporal CLI that somebody chose. */
  readonly given: string | null;
  readonly namespace: string;
  /** PATH, HOME, and what Go reads, in case the server has to be built. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** @returns a function that gives the server as it is now; after a restart it has the same ports */
export async function keepTemporal(
  { supervisor, progress, data, ports }: Household,
  { given, namespace, environment }: FindTemporal,
): Promise<() => RunningTemporal> {
  const { log } = createChildLog(data.logs, "temporal", progress.tell);
  const binary = await temporalBinary({ given, environment, log });
  return progress.during(
    "Temporal",
    () =>
      supervisor.keep("temporal", (previous: RunningTemporal | undefined, onSpawned) =>
        startTemporal({
          binary,
          dataDir: data.temporal,
          port: previous?.port ?? ports.temporal,
          uiPort: previous?.uiPort ?? ports.temporalUi,
          namespace,
          log,
          onSpawned,
        }),
      ),
    (current) => `Temporal on port ${current().port}, Web UI on port ${current().uiPort} ready`,
  );
}

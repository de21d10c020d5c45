// The direction of imports, in one table: what each room of src may import from which other.

export interface Direction {
  /** Rooms, or single files below src, that it may import. */
  readonly may: readonly string[];
  /** The same, but only for their types. */
  readonly types?: readonly string[];
  /** Its own folders that import one another. */
  readonly inside?: readonly string[];
}

/** From bottom to top. A room may always import itself; what does not stand here may not be imported. */
export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  // Words and pure decisions.
  domain: { may: [] },
  analysis: { may: ["domain"] },
  snapshot: { may: ["domain"], inside: ["near-duplicates", "redaction", "rules", "formats"] },
  evidence: { may: ["domain"] },
  evaluation: { may: ["domain"] },
  personal: { may: ["domain"] },
  // The edges.
  "config.ts": { may: ["domain"] },
  telemetry: { may: [] },
  "log.ts": { may: [], types: ["telemetry"] },
  "report-and-exit.ts": { may: ["domain"] },
  db: { may: ["domain"] },
  store: { may: ["domain", "db"], types: ["evidence"], inside: ["experiment"] },
  artifacts: { may: ["domain"] },
  providers: { may: ["domain"] },
  trainers: { may: ["domain", "providers"] }, // never the store: a trainer is told everything in its order
  serving: {
    may: ["domain", "evidence", "personal", "store", "artifacts", "providers", "telemetry"],
    types: ["db", "log.ts"],
  },
  // The loop.
  activities: {
    may: ["domain", "analysis", "snapshot", "evidence", "evaluation", "personal", "store", "providers", "serving"],
    types: ["db", "artifacts", "trainers", "log.ts", "telemetry"],
  },
  workflows: {
    may: ["domain/duration.ts", "domain/submission-times.ts", "domain/task-queues.ts"],
    types: ["domain", "activities"],
  }, // judging would break replay
  "schedule.ts": { may: ["domain"], types: ["workflows"] },
  "client.ts": { may: ["domain", "schedule.ts"], types: ["workflows"] },
  // The ways in.
  api: {
    may: [
      "domain",
      "analysis",
      "snapshot",
      "evidence",
      "evaluation",
      "personal",
      "store",
      "serving",
      "telemetry",
      "../package.json",
    ],
    types: ["db", "artifacts", "client.ts", "log.ts"],
  },
  cli: {
    may: [
      "domain",
      "snapshot",
      "evidence",
      "evaluation",
      "db/migrate.ts",
      "db/database.ts",
      "store/first-key.ts",
      "api/key-text.ts",
      "providers",
      "client.ts",
      "config.ts",
    ],
  },
  // Beside the house: what starts servers, what stands in for a provider, and the demonstration.
  embedded: { may: ["domain", "db", "store", "client.ts", "api/key-text.ts"] },
  sandbox: { may: ["domain", "embedded/parent-link.ts"] },
  demo: { may: ["domain", "cli", "sandbox", "embedded"] },
  // Wiring.
  "worker.ts": {
    may: [
      "domain",
      "config.ts",
      "log.ts",
      "telemetry",
      "report-and-exit.ts",
      "db",
      "artifacts",
      "providers",
      "trainers",
      "serving",
      "activities",
      "client.ts",
      "embedded/parent-link.ts",
      "../package.json",
    ],
  },
  "server.ts": {
    may: [
      "domain",
      "config.ts",
      "log.ts",
      "telemetry",
      "report-and-exit.ts",
      "db",
      "artifacts",
      "providers",
      "serving",
      "client.ts",
      "api",
      "embedded/parent-link.ts",
      "../package.json",
    ],
  },
  "start.ts": { may: ["domain", "config.ts", "report-and-exit.ts", "db", "embedded"] },
};

/** Whether a list of rooms and files covers a file below src. */
export function covers(list: readonly string[], path: string): boolean {
  return list.some((entry) => path === entry || path.startsWith(`${entry}/`));
}

/** The patterns of biome's noRestrictedImports that say the same; biome cannot tell types from values, so both may pass. */
export function biomeGroup(room: string): string[] {
  const { may, types = [], inside = [] } = DIRECTIONS[room]!;
  const open = [...new Set([...may, ...types])].map((entry) => entry.replace("../", ""));
  const shut = isFile(room)
    ? ["./**"]
    : [
        "../*/**",
        ...Object.keys(DIRECTIONS)
          .filter(isFile)
          .map((file) => `../${file}`),
      ];
  return [
    ...shut,
    ...open.map((entry) => (isFile(entry) ? `!**/${entry}` : `!**/${entry}/**`)),
    ...inside.map((folder) => `!../${folder}/**`),
  ];
}

const isFile = (entry: string) => /\.\w+$/.test(entry);

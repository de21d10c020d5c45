// The environment, read once and parsed: all faults are reported together, and nobody else of ours reads process.env.
// OpenTelemetry reads its standard variables by itself (where to, headers, time-outs, sampling, batches, OTEL_SERVICE_NAME,
// OTEL_RESOURCE_ATTRIBUTES), and AWS' SDK its own (credentials, profile, region); here is only read whether it is wanted at all, and in which encoding.
import { availableParallelism } from "node:os";
import type { ConnectionOptions } from "@temporalio/client";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import { z } from "zod";
import { parseArtifactAddress } from "./domain/artifact-address.ts";
import { Fault } from "./domain/fault.ts";
import type { ProviderSettings } from "./domain/provider-settings.ts";

const optional = z.string().trim().min(1).optional();

const PORT = "must be a port, a whole number from 0 to 65535";
const THREADS = "must be a number of threads, from 1 to 64";
const SECONDS = "must be a number of seconds from 0 to 300";

const environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with "postgres://"')
    .optional(),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:\d+$/, 'must be "host:port", as "127.0.0.1:7233"')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default("default"),
  TEMPORAL_API_KEY: optional,
  RATCHET_SECRET: z.string().min(16, "must have at least 16 characters").optional(),
  RATCHET_ARTIFACTS: optional.superRefine((text, context) => {
    try {
      if (text !== undefined) parseArtifactAddress(text);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      context.addIssue(`is not valid: ${error.details.why} (${error.hint})`);
    }
  }),
  RATCHET_PORT: z.coerce.number(PORT).int(PORT).min(0, PORT).max(65535, PORT).default(4400),
  RATCHET_HOST: z.string().default("127.0.0.1"),
  RATCHET_DRAIN_SECONDS: z.coerce.number(SECONDS).min(0, SECONDS).max(300, SECONDS).default(0),
  RATCHET_LOG: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  RATCHET_METRICS: z.enum(["everybody", "keys", "nobody"]).default("everybody"),
  RATCHET_WORK: z.enum(["all", "loops", "heavy"], 'must be "all", "loops" or "heavy"').default("all"),
  RATCHET_THREADS: z.coerce.number(THREADS).int(THREADS).min(1, THREADS).max(64, THREADS).optional(),
  RATCHET_WORKER_METRICS: z
    .string()
    .regex(/^[\d.]+:\d+$|^\[[\da-f:]+\]:\d+$/, 'must be an IP address and a port, as "127.0.0.1:9464"')
    .optional(),
  RATCHET_SANDBOX_URL: z.url().optional(),
  RATCHET_TEMPORAL_UI: z.url().optional(),
  RATCHET_TEMPORAL_BINARY: optional,
  RATCHET_URL: z.url().optional(),
  RATCHET_KEY: optional,
  OPENAI_API_KEY: optional,
  OPENAI_BASE_URL: z.url().optional(),
  OTEL_SDK_DISABLED: optional,
  OTEL_TRACES_EXPORTER: optional,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: optional,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: optional,
});

export interface Config {
  databaseUrl: string | null;
  temporal: {
    address: string | null;
    namespace: string;
    apiKey: string | null;
    ui: string | null;
    binary: string | null;
    /** How the connection is encrypted; by TEMPORAL_TLS and its kin, as Temporal's own tools read them. */
    tls: NonNullable<ConnectionOptions["tls"]>;
  };
  /** Hashes units before they are stored. */
  secret: string | null;
  /** A folder, or s3://…, as domain/artifact-address.ts reads it. */
  artifacts: string | null;
  host: string;
  port: number;
  /** How long a server that is told to stop goes on serving while /readyz says no; milliseconds. */
  drainMs: number;
  logLevel: string;
  /** Which task queues a worker serves, and on how many threads it redacts and counts. */
  work: { kind: "all" | "loops" | "heavy"; threads: number };
  /** Who may read a server's page of metrics, and where a worker shows its own; null: nowhere. */
  metrics: { for: "everybody" | "keys" | "nobody"; worker: string | null };
  /** How spans are sent; null: nobody asked for them. */
  tracing: { protocol: "http/protobuf" | "http/json" } | null;
  /** Where models answer, by provider name. */
  providers: ProviderSettings;
  /** For the CLI: where the API is, and the key to it. */
  api: { url: string | null; key: string | null };
}

/** Parses the environment. Throws a Fault that names every wrong variable. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ""),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Fault("invalid", `the environment is not valid: ${faults.join("; ")}`, {
      hint: "correct these variables and start again",
    });
  }
  const e = parsed.data;
  return {
    databaseUrl: e.DATABASE_URL ?? null,
    temporal: {
      address: e.TEMPORAL_ADDRESS ?? null,
      namespace: e.TEMPORAL_NAMESPACE,
      apiKey: e.TEMPORAL_API_KEY ?? null,
      ui: e.RATCHET_TEMPORAL_UI ?? null,
      binary: e.RATCHET_TEMPORAL_BINARY ?? null,
      tls: temporalTls(given),
    },
    secret: e.RATCHET_SECRET ?? null,
    artifacts: e.RATCHET_ARTIFACTS ?? null,
    host: e.RATCHET_HOST,
    port: e.RATCHET_PORT,
    drainMs: e.RATCHET_DRAIN_SECONDS * 1000,
    logLevel: e.RATCHET_LOG,
    work: { kind: e.RATCHET_WORK, threads: e.RATCHET_THREADS ?? Math.max(1, availableParallelism() - 1) },
    metrics: { for: e.RATCHET_METRICS, worker: e.RATCHET_WORKER_METRICS ?? null },
    tracing: tracingOf(e),
    providers: {
      "openai-wire": { baseURL: e.OPENAI_BASE_URL ?? null, apiKey: e.OPENAI_API_KEY ?? null },
      sandbox: { baseURL: e.RATCHET_SANDBOX_URL ?? null },
    },
    api: { url: e.RATCHET_URL ?? null, key: e.RATCHET_KEY ?? null },
  };
}

/** As the SDKs' own set-up does it: a named collector or exporter switches traces on, `none` or OTEL_SDK_DISABLED off. */
function tracingOf(e: z.output<typeof environment>): Config["tracing"] {
  const exporter = e.OTEL_TRACES_EXPORTER;
  const named = e.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? e.OTEL_EXPORTER_OTLP_ENDPOINT ?? exporter;
  const wanted = named !== undefined && (exporter === undefined || exporter.split(",").includes("otlp"));
  if (!wanted || e.OTEL_SDK_DISABLED?.toLowerCase() === "true") return null;
  const protocol = e.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? e.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf";
  if (protocol === "http/protobuf" || protocol === "http/json") return { protocol };
  throw new Fault("invalid", `the environment is not valid: OTEL_EXPORTER_OTLP_PROTOCOL: "${protocol}" is not spoken`, {
    hint: "http/protobuf (collectors take it on port 4318) and http/json are; or switch traces off: OTEL_TRACES_EXPORTER=none",
  });
}

function temporalTls(given: Record<string, string | undefined>): Config["temporal"]["tls"] {
  try {
    const overrideEnvVars = Object.fromEntries(
      Object.entries(given).filter(([name]) => name.startsWith("TEMPORAL_")),
    ) as Record<string, string>;
    return loadClientConnectConfig({ disableFile: true, overrideEnvVars }).connectionOptions.tls ?? false;
  } catch (error) {
    throw new Fault(
      "invalid",
      `the environment is not valid: TEMPORAL_TLS…: ${error instanceof Error ? error.message : error}`,
      {
        hint: "correct the variables that begin with TEMPORAL_TLS and start again",
      },
    );
  }
}

/** The value, or a Fault that names the variable to set. */
export function required<T>(value: T | null, variable: string, what: string): T {
  if (value !== null) return value;
  throw new Fault("invalid", `${variable} is not set: ${what}`, {
    hint: `set ${variable}, or run npm start, which needs none`,
  });
}

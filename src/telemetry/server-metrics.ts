// A server's own page of metrics, in Prometheus' text format.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type Fact, factsText } from "./facts-text.ts";
import type { ModelCall, Recorded, ServingMeter } from "./meter.ts";
import { METRICS, type MetricName } from "./metrics.ts";

export interface ServerMetrics extends ServingMeter {
  answered(request: { method: string; route: string; status: number; seconds: number }): void;
  /** The page. `facts` are what the database says at this moment; null when it does not answer. */
  page(state: {
    facts: readonly Fact[] | null;
    pool: { total: number; idle: number; waiting: number };
  }): Promise<string>;
}

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Metrics of one server. Node's own (`process_…`, `nodejs_…`) are among them. */
export function createServerMetrics({ version }: { version: string }): ServerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const about = (name: MetricName) => ({
    name,
    help: METRICS[name].help,
    labelNames: [...METRICS[name].labels],
    registers: [registry],
  });
  const histogram = (name: MetricName) => {
    const { buckets } = METRICS[name] as { buckets?: readonly number[] };
    return new Histogram({ ...about(name), buckets: [...(buckets ?? [])] });
  };
  const requests = new Counter(about("ratchet_http_requests_total"));
  const requestSeconds = histogram("ratchet_http_request_duration_seconds");
  const recordings = new Gauge(about("ratchet_recording_in_flight"));
  const recordingSeconds = histogram("ratchet_recording_duration_seconds");
  const callSeconds = histogram("gen_ai_client_operation_duration_seconds");
  const tokens = histogram("gen_ai_client_token_usage");
  const databaseUp = new Gauge(about("ratchet_database_up"));
  const connections = new Gauge(about("ratchet_database_connections"));
  const waiting = new Gauge(about("ratchet_database_waiting"));
  new Gauge(about("ratchet_build_info")).set({ version }, 1);
  for (const what of ["answer", "interactions", "feedback"] satisfies Recorded[]) recordings.set({ what }, 0);

  return {
    answered({ method, route, status, seconds }) {
      requests.inc({ method, route, status: String(status) });
      requestSeconds.observe({ method, route }, seconds);
    },
    modelCalled(call) {
      const labels = callLabels(call);
      callSeconds.observe({ ...labels, error_type: call.errorType ?? "" }, call.seconds);
      if (call.inputTokens !== null) tokens.observe({ ...labels, gen_ai_token_type: "input" }, call.inputTokens);
      if (call.outputTokens !== null) tokens.observe({ ...labels, gen_ai_token_type: "output" }, call.outputTokens);
    },
    async recording(what, work) {
      recordings.inc({ what });
      const done = recordingSeconds.startTimer({ what });
      try {
        return await work();
      } finally {
        done();
        recordings.dec({ what });
      }
    },
    async page({ facts, pool }) {
      databaseUp.set(facts === null ? 0 : 1);
      connections.set({ state: "busy" }, pool.total - pool.idle);
      connections.set({ state: "idle" }, pool.idle);
      waiting.set(pool.waiting);
      return `${await registry.metrics()}${factsText(facts ?? [])}`;
    },
  };
}

/** The labels that every metric of a call has. */
export function callLabels({ operation, provider, requestModel }: ModelCall) {
  return { gen_ai_operation_name: operation, gen_ai_provider_name: provider, gen_ai_request_model: requestModel };
}

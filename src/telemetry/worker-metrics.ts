// A worker's metrics go out through Temporal's own exporter, beside those of the SDK: one port, one page.
import type { MetricMeter } from "@temporalio/common";
import type { ActivityInterceptorsFactory, TelemetryOptions } from "@temporalio/worker";
import type { LoopMeter } from "./meter.ts";
import { METRICS, type MetricName } from "./metrics.ts";
import { callLabels } from "./server-metrics.ts";

/** What Temporal's Runtime is told: where its log goes and where the page is, with names by Prometheus' habits. Null: no page. */
export function workerTelemetry(address: string | null): TelemetryOptions {
  // Temporal's own log goes through ours: a line that is not JSON would be lost on who reads logs by machine.
  const logging = { filter: { core: "WARN", other: "ERROR" }, forward: {} } as const;
  if (address === null) return { logging };
  const histogramBucketOverrides = Object.fromEntries(
    Object.entries(METRICS).flatMap(([name, described]) =>
      "buckets" in described ? [[bare(name), [...described.buckets]]] : [],
    ),
  );
  return {
    logging,
    metrics: {
      prometheus: {
        bindAddress: address,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
        histogramBucketOverrides,
      },
    },
  };
}

/** What activities tell, counted through Temporal's meter. */
export function createLoopMeter(meter: MetricMeter): LoopMeter {
  const looks = counter(meter, "ratchet_looks_total");
  const callSeconds = histogram(meter, "gen_ai_client_operation_duration_seconds");
  const tokens = histogram(meter, "gen_ai_client_token_usage");
  return {
    looked: (phase, verdict) => looks.add(1, { phase, verdict }),
    modelCalled(call) {
      const labels = callLabels(call);
      callSeconds.record(call.seconds, { ...labels, error_type: call.errorType ?? "" });
      if (call.inputTokens !== null) tokens.record(call.inputTokens, { ...labels, gen_ai_token_type: "input" });
      if (call.outputTokens !== null) tokens.record(call.outputTokens, { ...labels, gen_ai_token_type: "output" });
    },
  };
}

/** Counts every attempt of every activity, and how long each took from being asked for to its success. */
export function measuredActivities(meter: MetricMeter): ActivityInterceptorsFactory {
  const attempts = counter(meter, "ratchet_activity_attempts_total");
  const seconds = histogram(meter, "ratchet_activity_duration_seconds");
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const activity = info.activityType;
        try {
          const result = await next(input);
          attempts.add(1, { activity, outcome: "done" });
          seconds.record(Math.max(0, Date.now() - info.scheduledTimestampMs) / 1000, { activity });
          return result;
        } catch (error) {
          attempts.add(1, { activity, outcome: outcomeOf(error) });
          throw error;
        }
      },
    },
  });
}

function outcomeOf(error: unknown): "waiting" | "cancelled" | "failed" {
  const { name, category } = (error ?? {}) as { name?: unknown; category?: unknown };
  if (category === "BENIGN") return "waiting";
  return name === "CancelledFailure" ? "cancelled" : "failed";
}

// The exporter itself puts "_total" and the unit at a name's end, as Prometheus' habits want.
const bare = (name: string) => name.replace(/_(total|seconds)$/, "");

function counter(meter: MetricMeter, name: MetricName) {
  return meter.createCounter(bare(name), undefined, METRICS[name].help);
}

function histogram(meter: MetricMeter, name: MetricName) {
  const unit = name.endsWith("_seconds") ? "seconds" : undefined;
  return meter.createHistogram(bare(name), "float", unit, METRICS[name].help);
}

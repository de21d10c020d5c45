// Every metric of our own: its name, type, labels and meaning. Names are what dashboards and alerts rely on, so they may be
// added to, not renamed. docs/observe.md shows the same table, and the endpoints show these names and no others.

interface Described {
  type: "counter" | "gauge" | "histogram";
  labels: readonly string[];
  help: string;
  /** server: counted by each server; rows: read from the database, the same on every server; worker: counted by each worker. */
  from: readonly ("server" | "rows" | "worker")[];
  /** Upper limits of a histogram's buckets. */
  buckets?: readonly number[];
}

/** Seconds: from a cached answer to a request that gave up. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Seconds: from one statement to a training run of days. */
const WORK_SECONDS = [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200];
/** As OpenTelemetry's conventions for generative AI want them. */
const MODEL_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
const MODEL_LABELS = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"];

export const METRICS = {
  ratchet_build_info: { type: "gauge", labels: ["version"], help: "The version that runs; always 1", from: ["server"] },
  ratchet_http_requests_total: {
    type: "counter",
    labels: ["method", "route", "status"],
    help: "Requests answered",
    from: ["server"],
  },
  ratchet_http_request_duration_seconds: {
    type: "histogram",
    labels: ["method", "route"],
    help: "From a request to its answer",
    from: ["server"],
    buckets: REQUEST_SECONDS,
  },
  ratchet_recording_in_flight: {
    type: "gauge",
    labels: ["what"],
    help: "What waits for its commit right now: answers of the gateway, interactions and feedback that were sent",
    from: ["server"],
  },
  ratchet_recording_duration_seconds: {
    type: "histogram",
    labels: ["what"],
    help: "From the wish to record to the commit, or to its failure",
    from: ["server"],
    buckets: REQUEST_SECONDS,
  },
  gen_ai_client_operation_duration_seconds: {
    type: "histogram",
    labels: [...MODEL_LABELS, "error_type"],
    help: "One call of a model; error_type is empty when it answered. On workers: the gate",
    from: ["server", "worker"],
    buckets: MODEL_SECONDS,
  },
  gen_ai_client_token_usage: {
    type: "histogram",
    labels: [...MODEL_LABELS, "gen_ai_token_type"],
    help: "Tokens of one call, as the provider counts them",
    from: ["server", "worker"],
    buckets: TOKENS,
  },
  ratchet_database_up: {
    type: "gauge",
    labels: [],
    help: "1 when the database answered this scrape; else everything below that is read from it is missing",
    from: ["server"],
  },
  ratchet_database_connections: {
    type: "gauge",
    labels: ["state"],
    help: "Connections of this server's pool, busy and idle",
    from: ["server"],
  },
  ratchet_database_waiting: {
    type: "gauge",
    labels: [],
    help: "Transactions that wait for a connection",
    from: ["server"],
  },
  ratchet_loop_paused: {
    type: "gauge",
    labels: ["loop"],
    help: "1 when no cycle may start by itself",
    from: ["rows"],
  },
  ratchet_pulse_interval_seconds: {
    type: "gauge",
    labels: ["loop"],
    help: "Time between pulses, by the settings",
    from: ["rows"],
  },
  ratchet_pulses_total: { type: "counter", labels: ["loop"], help: "Pulses so far", from: ["rows"] },
  ratchet_pulse_last_timestamp_seconds: {
    type: "gauge",
    labels: ["loop"],
    help: "When the last pulse that came to a decision began",
    from: ["rows"],
  },
  ratchet_thumbs: {
    type: "gauge",
    labels: ["loop", "thumb"],
    help: "Thumbs that stand, up and down; a withdrawn one is gone",
    from: ["rows"],
  },
  ratchet_cycles_total: {
    type: "counter",
    labels: ["loop", "outcome"],
    help: "Cycles that are over",
    from: ["rows"],
  },
  ratchet_cycle_open: {
    type: "gauge",
    labels: ["loop", "stage"],
    help: "1 for the cycle under way, at its stage",
    from: ["rows"],
  },
  ratchet_training_runs: {
    type: "gauge",
    labels: ["loop", "trainer", "status"],
    help: "Training runs",
    from: ["rows"],
  },
  ratchet_training_reserved_usd: {
    type: "gauge",
    labels: ["loop", "period"],
    help: "Money reserved and not yet settled; period: month (this one, UTC) or ever",
    from: ["rows"],
  },
  ratchet_training_spent_usd: {
    type: "gauge",
    labels: ["loop", "period"],
    help: "Money spent, by the trainers' word",
    from: ["rows"],
  },
  ratchet_training_budget_usd: {
    type: "gauge",
    labels: ["loop"],
    help: "What a month may cost, by the settings",
    from: ["rows"],
  },
  ratchet_experiments_total: {
    type: "counter",
    labels: ["loop", "outcome"],
    help: "Experiments that are over",
    from: ["rows"],
  },
  ratchet_experiment_open: {
    type: "gauge",
    labels: ["loop", "status"],
    help: "1 for the experiment under way",
    from: ["rows"],
  },
  ratchet_experiment_looks: {
    type: "gauge",
    labels: ["loop", "verdict"],
    help: "Looks of the experiment under way, by verdict",
    from: ["rows"],
  },
  ratchet_experiment_look_due_timestamp_seconds: {
    type: "gauge",
    labels: ["loop"],
    help: "By when an experiment must be looked at again, probation included; a challenger is not served past it",
    from: ["rows"],
  },
  ratchet_promotions_total: {
    type: "counter",
    labels: ["loop", "kind"],
    help: "Changes of champion: first, promotion, rollback",
    from: ["rows"],
  },
  ratchet_alerts_open: { type: "gauge", labels: ["loop", "kind"], help: "Alerts that are open", from: ["rows"] },
  ratchet_model_since_timestamp_seconds: {
    type: "gauge",
    labels: ["loop", "role", "model"],
    help: "Since when a model has its role: champion, challenger, standby",
    from: ["rows"],
  },
  ratchet_slot_taken_timestamp_seconds: {
    type: "gauge",
    labels: ["loop", "holder"],
    help: "Since when a cycle or an experiment holds the slot; missing when it is free",
    from: ["rows"],
  },
  ratchet_activity_duration_seconds: {
    type: "histogram",
    labels: ["activity"],
    help: "How long a stage took: from its activity being asked for to its success, waiting and repeats included",
    from: ["worker"],
    buckets: WORK_SECONDS,
  },
  ratchet_activity_attempts_total: {
    type: "counter",
    labels: ["activity", "outcome"],
    help: "Attempts: done, waiting (asks again later, as a poll does), cancelled, failed",
    from: ["worker"],
  },
  ratchet_looks_total: { type: "counter", labels: ["phase", "verdict"], help: "Looks put on record", from: ["worker"] },
} as const satisfies Record<string, Described>;

export type MetricName = keyof typeof METRICS;
/** The labels of a metric, by name. */
export type LabelsOf<Name extends MetricName> = Record<(typeof METRICS)[Name]["labels"][number], string>;

/** Those of Temporal's own metrics, on a worker's page, that our dashboard and alerts use. */
export const TEMPORAL_METRICS = [
  "temporal_worker_task_slots_available",
  "temporal_sticky_cache_size",
  "temporal_workflow_task_schedule_to_start_latency_seconds",
  "temporal_activity_schedule_to_start_latency_seconds",
  "temporal_workflow_completed_total",
  "temporal_request_total",
] as const;

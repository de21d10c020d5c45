// Every event that we log: its name, level and fields. Who reads logs by machine relies on these names, so they may be
// added to, not renamed. What does not stand here does not compile; docs/observe.md shows the same table.

/** What a field holds: ids, hashes, names and numbers; never what a person wrote to a model or got from it. */
interface Kinds {
  text: string;
  "text?": string | null;
  number: number;
  flag: boolean;
}
interface Described {
  levels: readonly ("info" | "warn" | "error")[];
  /** When it is logged. */
  when: string;
  fields: Readonly<Record<string, keyof Kinds>>;
}

export const LOG_EVENTS = {
  // The server.
  server_started: { levels: ["info"], when: "the API listens", fields: { port: "number" } },
  server_draining: {
    levels: ["info"],
    when: "the API was told to stop: /readyz says no, then nobody new gets in, and who is in is answered",
    fields: {},
  },
  server_stopped: {
    levels: ["info"],
    when: "the API has let go of everything; cut_off: connections that had to be closed on somebody",
    fields: { cut_off: "number" },
  },
  model_selected: {
    levels: ["info"],
    when: "a chat request is recorded",
    fields: { loop: "text", interaction: "text", model: "text", variant: "text" },
  },
  model_failed: {
    levels: ["warn"],
    when: "a model did not answer; the champion answers in its place, unless it was the champion itself",
    fields: { loop: "text", model: "text", variant: "text", fault: "text" },
  },
  interactions_recorded: {
    levels: ["info"],
    when: "interactions are committed",
    fields: { loop: "text", count: "number" },
  },
  feedback_recorded: { levels: ["info"], when: "ratings are committed", fields: { loop: "text", count: "number" } },
  pulse_asked_for: {
    levels: ["info"],
    when: "somebody wants a pulse now",
    fields: { loop: "text", actor: "text", reason: "text?" },
  },
  champion_rolled_back: {
    levels: ["info"],
    when: "somebody brought the former champion back",
    fields: { loop: "text", model: "text", actor: "text" },
  },
  workflow_not_told: {
    levels: ["warn", "error"],
    when: "a command is kept but its workflow did not hear of it; error when the reason is not that Temporal is away",
    fields: { command: "text", loop: "text", error: "text" },
  },
  request_failed: {
    levels: ["error"],
    when: "nobody foresaw this fault; the caller was told the id",
    fields: { id: "text", method: "text", path: "text", error: "text" },
  },
  // The worker.
  worker_started: { levels: ["info"], when: "the worker asks for work", fields: { task_queue: "text" } },
  worker_stopped: { levels: ["info"], when: "the worker has ended its work", fields: {} },
  temporal_worker: { levels: ["warn", "error"], when: "Temporal's own code says something", fields: {} },
  retrain_due: {
    levels: ["info"],
    when: "a pulse begins a cycle",
    fields: { loop: "text", pulse: "number", reason: "text", cycle: "text?" },
  },
  retrain_not_due: {
    levels: ["info"],
    when: "a pulse begins none",
    fields: { loop: "text", pulse: "number", reason: "text", cycle: "text?" },
  },
  training_data_logged: {
    levels: ["info"],
    when: "a snapshot is kept",
    fields: { loop: "text", cycle: "text", snapshot: "text", examples: "number" },
  },
  training_submitted: {
    levels: ["info"],
    when: "a job is on record; found: it was there already",
    fields: { loop: "text", run: "text", job: "text", found: "flag" },
  },
  training_duplicate: {
    levels: ["warn"],
    when: "a second job of the same run was found; cancelled: it is gone",
    fields: { loop: "text", run: "text", job: "text", cancelled: "flag" },
  },
  candidate_evaluated: {
    levels: ["info"],
    when: "the gate has judged a candidate",
    fields: { loop: "text", cycle: "text", model: "text", passed: "flag", cases: "number" },
  },
  cycle_ended: { levels: ["info"], when: "a cycle is over", fields: { loop: "text", cycle: "text", outcome: "text" } },
  experiment_look: {
    levels: ["info"],
    when: "a look is on record, with what follows from it",
    fields: { loop: "text", experiment: "text", look: "number", verdict: "text", next: "text" },
  },
  learning_loop_complete: {
    levels: ["info"],
    when: "an experiment is over: what began with ratings has changed the champion, or has not",
    fields: { loop: "text", experiment: "text", outcome: "text" },
  },
  workflow_lost: {
    levels: ["warn"],
    when: "a workflow was ended from outside, or a pulse ran out of time, and what it left is put right",
    fields: { loop: "text", subject: "text" },
  },
  stuck: {
    levels: ["warn"],
    when: "a cycle or an experiment stands still; said once, an alert is open until it moves",
    fields: { loop: "text", subject: "text" },
  },
  look_failed: {
    levels: ["error"],
    when: "a look cannot be taken, and could not by trying again; said once, an alert is open until one can",
    fields: { loop: "text", subject: "text" },
  },
  orphan_job: {
    levels: ["error"],
    when: "a job may be left at a trainer that gave no clear answer: look there for the key",
    fields: { loop: "text", run: "text", key: "text" },
  },
  trainer_closed: {
    levels: ["error"],
    when: "a trainer refuses us for good (403); an alert is open until it takes a run again",
    fields: { loop: "text", trainer: "text" },
  },
  // Both.
  database_connection_lost: {
    levels: ["warn"],
    when: "an idle connection died; another is made",
    fields: { error: "text" },
  },
  telemetry_not_sent: {
    levels: ["warn"],
    when: "spans did not reach their collector; said once a minute at most",
    fields: { error: "text" },
  },
} as const satisfies Record<string, Described>;

export type LogEventName = keyof typeof LOG_EVENTS;
type Level = Described["levels"][number];
type Fields<Name extends LogEventName> = (typeof LOG_EVENTS)[Name]["fields"];
type Values<Of> = { -readonly [Field in keyof Of]: Of[Field] extends keyof Kinds ? Kinds[Of[Field]] : never };
type At<Name extends LogEventName, Wanted extends Level> = Wanted extends (typeof LOG_EVENTS)[Name]["levels"][number]
  ? { event: Name } & Values<Fields<Name>>
  : never;

/** What may be logged at a level. */
export type LogEntry<Wanted extends Level> = { [Name in LogEventName]: At<Name, Wanted> }[LogEventName];

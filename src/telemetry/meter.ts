// What the house tells of its work to be counted. Where it goes, the composition roots decide: a server to its own page,
// a worker to Temporal's.

/** One call of a model. */
export interface ModelCall {
  operation: "chat";
  /** In OpenTelemetry's words: "openai", "sandbox". */
  provider: string;
  requestModel: string;
  seconds: number;
  inputTokens: number | null;
  outputTokens: number | null;
  /** The class of the error; null when it answered. */
  errorType: string | null;
}

export type Recorded = "answer" | "interactions" | "feedback";

export interface CallMeter {
  modelCalled(call: ModelCall): void;
}

export interface ServingMeter extends CallMeter {
  /** Does `work`, which waits for a commit; while it does, it is in flight. */
  recording<T>(what: Recorded, work: () => Promise<T>): Promise<T>;
}

export interface LoopMeter extends CallMeter {
  looked(phase: string, verdict: string): void;
}

/** Counts nothing. */
export const UNMEASURED: ServingMeter & LoopMeter = {
  modelCalled() {},
  recording: (_, work) => work(),
  looked() {},
};

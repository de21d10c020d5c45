// An experiment's states, what operators may do to it, and how it may end.

export type ExperimentStatus = "running" | "awaiting_approval" | "probation" | "closed";

export type ExperimentOutcome =
  | "promoted" // and probation passed
  | "rejected" // by an operator
  | "harmful" // the evidence says that it is worse
  | "futile" // the evidence says that it will not reach the wanted lift
  | "inconclusive" // out of time
  | "stopped" // by an operator, without judging it
  | "approval_timed_out"
  | "rolled_back" // in probation, by an operator or by the evidence
  | "lost"; // its workflow was ended from outside

/** What an operator may ask of a running experiment. */
export type ExperimentCommand =
  | { kind: "approve"; override?: boolean }
  | { kind: "reject" }
  | { kind: "stop" }
  | { kind: "extend"; by: string }
  | { kind: "pause" }
  | { kind: "resume" };

/** Who asks, and why. An unverified actor is what a Signal's payload says of itself. */
export interface Asked {
  actor: string;
  reason: string;
}

/** Only a unit's first ten ratings count, so that nobody decides an experiment alone (the eleventh changes nothing). */
export const RATINGS_PER_UNIT = 10;

/** Named feedback that is watched, or that the rule goes by: numbers, or booleans as 0 and 1. */
export interface NamedMetric {
  name: string;
  better: "higher" | "lower";
  /** How much worse the challenger may be, in the metric's own unit; above 0. */
  margin: number;
}

/** How much worse the challenger may be: shares of answers, cost relative to the champion's, quality from 0 to 1. Null is off. */
export interface GuardrailMargins {
  error: number | null;
  slow: number | null;
  cost: number | null;
  quality: number | null;
}

/** A step of a ramp. */
export interface RampPhase {
  /** Of all units, the share that meets the challenger while this is the last phase open. */
  share: number;
  /** The same relative to the final share: of either side, the part that has entered. Exactly 1 in the last phase. */
  entered: number;
  /** Milliseconds from the start, before which it does not open. */
  from: number;
}

/** Frozen at the start, so that a later change of settings cannot move the goal. Durations in milliseconds. */
export interface ExperimentParameters {
  /** The final share. */
  share: number;
  /** The metric that the rule applies to: "approval", "quality", or the name of one of `metrics`. */
  primary: string;
  metrics: readonly NamedMetric[];
  guardrails: Readonly<GuardrailMargins>;
  /** The champion's 95th percentile of latency in microseconds: what takes longer is a slow answer. Null when nothing was measured. */
  slowAbove: number | null;
  /** The champion's mean cost of an answer in millionths of a dollar. Null when nothing was measured. */
  costPerInteraction: number | null;
  /** At least one phase, shares rising to the final one. Absent: a fixed share. */
  ramp?: readonly RampPhase[];
  /** The operator's own accounts, by their two points under the experiment's salt: they have the side given, and never count. */
  testAccounts?: readonly { u: number; e: number; variant: "champion" | "challenger" }[];
  minLift: number;
  /** Scale of the effect that the mixture is tuned for, in the metric's own units. */
  phi: number;
  minEvidence: number;
  minDuration: number;
  maxDuration: number;
  lookEvery: number;
  promotion: "approval" | "automatic";
  /** The challenger is the champion under another name: nothing can be promoted. Absent: a real experiment. */
  aa?: boolean;
  approvalTimeout: number;
  probation: number;
  holdback: number;
}

// A crash point: a moment in what a process does, at which it can be halted. Named by what goes on, never by a line of code.

/** What goes on: a run of an activity, or the answering of a request; and inside it a transaction, a call or a file. */
export type Moment =
  | "begins"
  | "done, not told" // the result is there; Temporal or the caller has not heard of it
  | "failed, not told"
  // Of a transaction.
  | "before" // also of a call, and of a file
  | "during" // every statement is done, the commit is not sent
  | "committed, not heard" // PostgreSQL has it, the process does not know
  // Of a call to another server, and of a file.
  | "answered, not heard";

/** What a process tells when it comes to a point; it goes on when it is told to. */
export interface Visit {
  /** The number of the activity's run or of the request, in its process. */
  readonly scopeId: number;
  /** "look that promotes", "POST /api/feedback". */
  readonly scope: string;
  readonly loop: string;
  /** "transaction recordFeedback", "POST /v1/files", "file"; null for the scope itself. */
  readonly step: string | null;
  readonly moment: Moment;
  /** What a scope was given, when it begins. */
  readonly input?: unknown;
  /** Tables that the transaction has written so far, and what it put on the audit chain. */
  readonly writes: readonly string[];
  readonly audit: string | null;
}

/**
 * How the process goes on: `lost` has its step end as if the connection had broken, after the deed was done. `as` is the
 * scope's name from now on.
 */
export interface Go {
  readonly go: "on" | "lost";
  readonly as?: string;
}

/** The point's name: the same in every life. */
export function pointName({ scope, step, moment }: Pick<Visit, "scope" | "step" | "moment">): string {
  return step === null ? `${scope} · ${moment}` : `${scope} · ${step} · ${moment}`;
}

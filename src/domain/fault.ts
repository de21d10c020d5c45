// The one error class of our own: what was wrong, where, and what to do, under a stable code.

export type FaultCode =
  | "invalid" // what came in does not parse: 400, exit 2
  | "unauthenticated" // 401
  | "forbidden" // 403
  | "not_found" // 404, exit 3
  | "conflict" // 409: something else holds it, or it is over
  | "too_large" // 413
  | "over_budget" // 402
  | "unavailable" // 503: a dependency is not there
  | "upstream"; // 502: the provider failed

/** An error meant for the one who called. `message` is safe to show: no secret, no stack, nobody's text. */
export class Fault extends Error {
  readonly code: FaultCode;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** Facts for programs: who holds the slot, which field. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: FaultCode,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

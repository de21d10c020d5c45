// All that a look judges, as one value: what the store has counted, before anybody has made anything of it.

import type { Watched } from "./checks/changes.ts";
import type { GuardrailEvidence } from "./checks/guardrail.ts";
import type { SegmentEvidence } from "./checks/segments.ts";
import type { Stratum } from "./estimate.ts";

export interface Evidence {
  /** Milliseconds since the experiment started. */
  elapsed: number;
  /** The metric that the rule applies to, by the phases of the ramp. */
  primary: readonly Stratum[];
  /** Metric `rated`: k are a unit's interactions, y its live thumbs. Its users are all units that were exposed. */
  rated: readonly Stratum[];
  /** Units that were seen in both variants, and are in no tally. */
  crossed: number;
  guardrails: readonly GuardrailEvidence[];
  segments: readonly SegmentEvidence[];
  changes: readonly Watched[];
}

/** Evidence of the primary metric alone, to which the rest can be added: nothing else was counted. */
export const NOTHING_ELSE: Readonly<Omit<Evidence, "elapsed" | "primary">> = {
  rated: [],
  crossed: 0,
  guardrails: [],
  segments: [],
  changes: [],
};

// When an experiment's next phase opens: at the first look from its time on at which nothing speaks for harm.

import type { ExperimentParameters } from "../domain/experiment.ts";
import { opensFrom, phasesOf, presentShare } from "../domain/phases.ts";
import type { Check } from "./checks/check.ts";
import { percent } from "./figures.ts";
import { ERROR_RATES } from "./policy.ts";

/**
 * An e-value for harm from which on a phase waits. A challenger that is no worse ever gets there in at most one experiment of four,
 * and then only waits; one that does harm is there long before it is rejected (decision 30).
 */
export const HARM_TO_WAIT = 4;

/** What a look knows of the ramp. */
export interface RampFacts {
  startedAt: Date;
  /** How many phases are open, the first one included. */
  phasesOpen: number;
  paused: boolean;
  /** Natural logarithm of the e-value for "worse"; null while there is nothing to compare. */
  logEHarm: number | null;
  /** Why the evidence cannot be judged; null when it can. */
  fault: string | null;
  /** Checks that found something wrong. One that merely has too little evidence to pass is none of them. */
  failed: readonly { name: string; words: string }[];
}

/** What a look makes of the phase that comes next, numbered from 1; `words` are for people. */
export interface RampStep {
  kind: "open" | "wait";
  phase: number;
  words: string;
}

/**
 * Whether the next phase opens at a look as of an instant. Null when there is none, or its time has not come. One phase at a look:
 * after a wait the next one is judged by what the former let in.
 */
export function rampStep(parameters: ExperimentParameters, facts: RampFacts, asOf: Date): RampStep | null {
  const next = phasesOf(parameters)[facts.phasesOpen];
  if (next === undefined || asOf < opensFrom(next, facts.startedAt)) return null;
  const phase = facts.phasesOpen + 1;
  const named = `phase ${phase} of ${phasesOf(parameters).length} (${percent(next.share)} of the users)`;
  const against = whatSpeaksAgainst(facts);
  return against === null
    ? { kind: "open", phase, words: `${named} opens: its time has come, and nothing speaks for harm` }
    : { kind: "wait", phase, words: `${named} waits: ${against}` };
}

/**
 * Whether a check keeps a phase closed: it found the comparison in doubt, or a segment harmed, or a guardrail that is as far on the way to
 * failing as the rule's own evidence may be. One that merely has too little evidence to pass does not.
 */
export function speaksForHarm({ passed, alarm, acts, numbers }: Check): boolean {
  return !passed && (alarm || acts === "rejects" || (numbers.logEFail ?? 0) >= Math.log(HARM_TO_WAIT));
}

/** "10 % of the users", and in a ramp "25 % of the users (phase 2 of 3)". */
export function shareInWords(parameters: ExperimentParameters, phasesOpen: number): string {
  const { length } = phasesOf(parameters);
  const users = `${percent(presentShare(parameters, phasesOpen))} of the users`;
  return length === 1 ? users : `${users} (phase ${phasesOpen} of ${length})`;
}

function whatSpeaksAgainst({ paused, logEHarm, fault, failed }: RampFacts): string | null {
  if (fault !== null) return `the evidence cannot be judged: ${fault}`;
  if (failed.length > 0) return failed.map(({ name, words }) => `${name} (${words})`).join(", ");
  if (logEHarm !== null && !(logEHarm < Math.log(HARM_TO_WAIT)))
    return `so far the challenger looks worse (evidence of harm ${strength(logEHarm)}; from ${HARM_TO_WAIT} on a phase waits, from ${1 / ERROR_RATES.harm} on the challenger is rejected)`;
  return paused ? "the experiment is paused" : null;
}

/** An e-value to one decimal; what is large is large. */
function strength(logE: number): string {
  return logE < Math.log(1000) ? Math.exp(logE).toFixed(1) : "over 1000";
}

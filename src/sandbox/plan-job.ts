// Settles at a job's creation how it will go: the ordinary times, and what the faults change.
import type { FaultPlan } from "./fault-plan.ts";
import type { JobPlan } from "./job-life.ts";

const SHARE_VALIDATING = 0.15;
const SHARE_QUEUED = 0.1;

/** The plan of a new job that ordinarily takes `milliseconds`. Every kind of job fault is drawn once. */
export function planJob(faults: FaultPlan, milliseconds: number): JobPlan {
  const slow = faults.take("jobs.create", ["job-slow"]);
  const stuck = faults.take("jobs.create", ["job-stuck"]);
  const failing = faults.take("jobs.create", ["job-fail"]);
  const missing = faults.take("jobs.create", ["job-no-model"]);
  const times = {
    validating_files: milliseconds * SHARE_VALIDATING,
    queued: milliseconds * SHARE_QUEUED,
    running: milliseconds * (1 - SHARE_VALIDATING - SHARE_QUEUED) + (slow?.ms ?? 0),
  };
  if (stuck?.ms !== undefined) times[stuck.status] += stuck.ms;
  return {
    milliseconds: times,
    stuckIn: stuck !== null && stuck.ms === undefined ? stuck.status : null,
    failure: failing === null ? null : { in: failing.in, code: failing.code, message: failing.message, param: null },
    modelAfterMs: missing === null ? 0 : (missing.ms ?? null),
    noise: faults.take("jobs.create", ["train-on-noise"]) !== null,
  };
}

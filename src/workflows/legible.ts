// What a workflow shows of itself in Temporal's Web UI: search attributes, current details, a summary on every step.
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { type ActivityOptions, setCurrentDetails, upsertSearchAttributes } from "@temporalio/workflow";

const keys = {
  stage: defineSearchAttributeKey("Stage", SearchAttributeType.KEYWORD),
  verdict: defineSearchAttributeKey("Verdict", SearchAttributeType.KEYWORD),
  actor: defineSearchAttributeKey("Actor", SearchAttributeType.KEYWORD),
};

/** Where the workflow stands: `what` it does, `why`, and what comes `next`; shown as Markdown. */
export interface Standing {
  stage: string;
  what: string;
  why?: string;
  next: string;
  verdict?: string;
  actor?: string;
}

/** Every change of stage goes through here, so that the list and the page always tell the same story. */
export function show(standing: Standing): void {
  const { stage, what, why, next, verdict, actor } = standing;
  upsertSearchAttributes([
    { key: keys.stage, value: stage },
    ...(verdict === undefined ? [] : [{ key: keys.verdict, value: verdict }]),
    ...(actor === undefined ? [] : [{ key: keys.actor, value: actor }]),
  ]);
  const lines = [`**What:** ${what}`, ...(why === undefined ? [] : [`**Why:** ${why}`]), `**Next:** ${next}`];
  setCurrentDetails(lines.join("\n\n"));
}

/** Options of an activity that reads or writes our own database: it is tried until it works. It beats, so that a worker's death shows. */
export const own: ActivityOptions = {
  startToCloseTimeout: "1 minute",
  heartbeatTimeout: "10 seconds",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
};

/** Options of an activity that works on a whole snapshot or a whole gold set. */
export const long: ActivityOptions = { ...own, startToCloseTimeout: "2 hours", heartbeatTimeout: "15 seconds" };

// What a workflow shows of itself in Temporal's Web UI: search attributes, current details, a summary on every step.
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { type ActivityOptions, setCurrentDetails, upsertSearchAttributes, workflowInfo } from "@temporalio/workflow";
import { HEAVY_TASK_QUEUE } from "../domain/task-queues.ts";

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const keys = { loop: keyword("Loop"), stage: keyword("Stage"), verdict: keyword("Verdict"), actor: keyword("Actor") };

/** Where the workflow stands: `what` it does, `why`, and what comes `next`; shown as Markdown. */
export interface Standing {
  stage: string;
  what: string;
  why?: string;
  next: string;
  verdict?: string;
  actor?: string;
  /** Ids of workflows that the story comes from or goes on in. */
  see?: readonly string[];
}

/** Every change of stage goes through here, so that the list and the page always tell the same story. `heard` as in `describe`. */
export function show(standing: Standing, heard: string | null = null): void {
  const { stage, verdict, actor } = standing;
  upsertSearchAttributes([
    { key: keys.stage, value: stage },
    ...(verdict === undefined ? [] : [{ key: keys.verdict, value: verdict }]),
    ...(actor === undefined ? [] : [{ key: keys.actor, value: actor }]),
  ]);
  describe(standing, heard);
}

/** The page alone: `heard` is what came from outside and was not obeyed, for whoever sent it to find. */
export function describe({ what, why, next, see = [] }: Standing, heard: string | null = null): void {
  const lines = [
    `**What:** ${what}`,
    ...(why === undefined ? [] : [`**Why:** ${why}`]),
    `**Next:** ${next}`,
    ...(heard === null ? [] : [`**Not obeyed:** ${heard}`]),
    `**See:** ${[...see.map(linkTo), linkToLoop()].join(" · ")}`,
    "\u00a0", // the Web UI cuts off the last line
  ];
  setCurrentDetails(lines.join("\n\n"));
}

// Addresses without a host: the page they stand on is the Web UI's own.
const workflows = () => `/namespaces/${encodeURIComponent(workflowInfo().namespace)}/workflows`;
const linkTo = (workflowId: string) => `[${workflowId}](${workflows()}/${encodeURIComponent(workflowId)})`;

function linkToLoop(): string {
  const loop = workflowInfo().typedSearchAttributes.get(keys.loop);
  return `[all of this loop](${workflows()}?query=${encodeURIComponent(`\`Loop\` = "${loop}"`)})`;
}

/** Options of an activity that reads or writes our own database: it is tried until it works. It beats, so that a worker's death shows. */
export const own: ActivityOptions = {
  startToCloseTimeout: "1 minute",
  heartbeatTimeout: "10 seconds",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
};

/** Options of an activity that works on a whole gold set. */
export const long: ActivityOptions = { ...own, startToCloseTimeout: "2 hours", heartbeatTimeout: "15 seconds" };

/** Options of an activity that works on all that may be learned from: its queue is another, and so may its workers be. */
export const heavy: ActivityOptions = { ...long, taskQueue: HEAVY_TASK_QUEUE };

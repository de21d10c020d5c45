// What becomes of a workflow that somebody terminates, cancels or resets past Ratchet: one list, for the test that tries all
// of it and for the table in docs/durability.md.

export type Deed = "terminated" | "cancelled" | "reset";
export const DEEDS: readonly Deed[] = ["terminated", "cancelled", "reset"];

/** How it ends. `alerts` and `audit` are what is there of it besides what every cycle and experiment has. */
export interface End {
  /** For people. */
  readonly words: string;
  /** The row: a cycle's outcome, an experiment's outcome or status, a pulse's decision. */
  readonly row: string;
  readonly alerts: readonly string[];
  readonly audit: readonly string[];
}

/** Where a workflow is held, and how it ends there for each deed. */
export interface Stage {
  readonly stage: string;
  readonly ends: Readonly<Record<Deed, End>>;
}

const goesOn = (kind: string, row: string, words: string): End => ({
  words: `${words}, and no row is there twice; alert \`workflow_reset\`, audit \`${kind}.reset\``,
  row,
  alerts: ["workflow_reset"],
  audit: ["reset"],
});

/** A cycle before it has begun its experiment. */
const EARLY = {
  terminated: {
    words: "the next pulse ends it as `failed`: job cancelled, slot free; alert `workflow_lost`, audit `cycle.failed`",
    row: "failed",
    alerts: ["workflow_lost"],
    audit: ["failed"],
  },
  cancelled: {
    words: "it ends itself as `cancelled`: job cancelled, slot free; alert `workflow_lost`, audit `cycle.cancelled`",
    row: "cancelled",
    alerts: ["workflow_lost"],
    audit: ["cancelled"],
  },
  reset: {
    ...goesOn("cycle", "experiment", "it goes on to its experiment"),
    audit: ["reset", "experiment"],
  },
} satisfies Record<Deed, End>;

/** A cycle that has begun its experiment: the experiment goes on, and is started by the pulse when it was not yet. */
const late = (words: string): Record<Deed, End> => ({
  terminated: { words, row: "experiment", alerts: ["workflow_lost"], audit: ["experiment"] },
  cancelled: { words, row: "experiment", alerts: ["workflow_lost"], audit: ["experiment"] },
  reset: EARLY.reset,
});

export const CYCLE: readonly (Stage & { activity: string; job: boolean })[] = [
  { stage: "generate", activity: "generate", job: false, ends: EARLY },
  { stage: "train: order", activity: "orderTraining", job: false, ends: EARLY },
  { stage: "train: upload", activity: "uploadTraining", job: false, ends: EARLY },
  { stage: "train: submit", activity: "submitTraining", job: false, ends: EARLY },
  { stage: "poll", activity: "pollTraining", job: true, ends: EARLY },
  { stage: "evaluate", activity: "evaluate", job: true, ends: EARLY },
  { stage: "experiment: before it is begun", activity: "beginExperiment", job: true, ends: EARLY },
  {
    stage: "experiment: begun, not started",
    activity: "startExperiment",
    job: true,
    ends: late(
      "it ends as `experiment`, which the next pulse starts; alert `workflow_lost`, audit `experiment.start_late`",
    ),
  },
  {
    stage: "experiment: started",
    activity: "endCycle",
    job: true,
    ends: late("it ends as `experiment`, which goes on; alert `workflow_lost`, audit `cycle.experiment`"),
  },
];

const UNPROVEN: End = {
  words:
    "the next pulse ends it as `lost`: the challenger leaves, the champion serves everybody; alert `workflow_lost`, audit `experiment.lost`",
  row: "lost",
  alerts: ["workflow_lost"],
  audit: ["lost"],
};
const WATCHED_ON: End = {
  words:
    "the new champion goes on being watched, by a new run that the next pulse starts; alert `workflow_lost`, audit `experiment.watch_on`",
  row: "probation",
  alerts: ["workflow_lost"],
  audit: ["watch_on"],
};

export const EXPERIMENT: readonly Stage[] = [
  ...["running", "paused", "awaiting_approval"].map((stage) => ({
    stage: stage.replace("_", " "),
    ends: {
      terminated: UNPROVEN,
      cancelled: UNPROVEN,
      reset: goesOn("experiment", stage === "paused" ? "running" : stage, "it looks on"),
    },
  })),
  {
    stage: "probation",
    ends: { terminated: WATCHED_ON, cancelled: WATCHED_ON, reset: goesOn("experiment", "probation", "it watches on") },
  },
];

const REDONE: End = {
  words: "the next pulse does its work: one decision, one cycle; alert `workflow_lost`, audit `pulse.lost`",
  row: "one cycle",
  alerts: ["workflow_lost"],
  audit: ["lost"],
};
const ANEW: End = {
  ...REDONE,
  words: "it begins anew itself: one decision, one cycle; alert `workflow_lost`, audit `pulse.lost`",
};

export const PULSE: readonly (Stage & { activity: string })[] = [
  { stage: "reconcile", activity: "reconcile" },
  { stage: "collect", activity: "collect" },
  { stage: "analyse", activity: "analyse" },
  { stage: "start the cycle", activity: "startCycle" },
].map((stage) => ({ ...stage, ends: { terminated: REDONE, cancelled: REDONE, reset: ANEW } }));

/** The table for people, in Markdown. */
export function tableOfEnds(): string {
  const rows = (workflow: string, stages: readonly Stage[]) =>
    stages.map(
      ({ stage, ends }) => `| ${workflow} | ${stage} | ${DEEDS.map((deed) => number(ends[deed])).join(" | ")} |`,
    );
  return [
    "| workflow | in stage | terminated | cancelled | reset |",
    "|---|---|---|---|---|",
    ...rows("pulse", PULSE),
    ...rows("cycle", CYCLE),
    ...rows("experiment", EXPERIMENT),
    "",
    ...legend().map((words, index) => `${index + 1}. ${words}`),
  ].join("\n");
}

function legend(): string[] {
  const all = [...PULSE, ...CYCLE, ...EXPERIMENT].flatMap(({ ends }) => DEEDS.map((deed) => ends[deed].words));
  return [...new Set(all)];
}

const number = (end: End) => `(${legend().indexOf(end.words) + 1})`;

// An experiment in words and numbers, as `ratchet experiment show` prints it.
import { z } from "zod";
import { inWords } from "../domain/duration.ts";
import { inTheWay, inTheWaySince } from "../domain/in-the-way.ts";
import { amountOf, differenceOf, namesOf, tells } from "../evidence/figures.ts";
import { namedInSum } from "../evidence/named-in-sum.ts";
import { primaryOf } from "../evidence/policy.ts";
import { checkFound, checkLine } from "./check-line.ts";
import type { Plan } from "./experiment-plan.ts";
import { nextPhase, phaseOf, phasesShape, stepShape } from "./ramp-text.ts";
import { counted, instant, percent } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts } from "./terminal/table.ts";

const pair = z.object({ champion: z.number(), challenger: z.number() });
const reading = z.object({
  championRate: z.number(),
  challengerRate: z.number(),
  difference: z.number(),
  lower: z.number(),
  upper: z.number(),
  users: pair,
  ratings: pair,
});
const look = z.object({
  number: z.number(),
  phase: z.string(),
  at: z.string(),
  verdict: z.object({
    kind: z.string(),
    reason: z.string(),
    numbers: z.unknown().optional(),
    checks: z.array(checkFound).default([]),
  }),
  ramp: stepShape.nullable().default(null),
});

export const experimentShape = z.object({
  id: z.string(),
  loop: z.string(),
  champion_id: z.string(),
  challenger_id: z.string(),
  share: z.number(),
  phases: phasesShape,
  parameters: z.object({
    minDuration: z.number(),
    lookEvery: z.number(),
    holdback: z.number().default(0),
    aa: z.boolean().default(false),
    primary: z.string().default("approval"),
    metrics: z
      .array(z.object({ name: z.string(), better: z.enum(["higher", "lower"]), margin: z.number() }))
      .default([]),
  }),
  status: z.enum(["running", "awaiting_approval", "probation", "closed"]),
  started_at: z.string(),
  started_by: z.string(),
  ends_at: z.string(),
  paused_at: z.string().nullable(),
  approval_until: z.string().nullable(),
  probation_until: z.string().nullable(),
  outcome: z.string().nullable(),
  outcome_reason: z.string().nullable(),
  closed_at: z.string().nullable(),
  closed_by: z.string().nullable(),
  supported: z.boolean().nullable().default(null),
  rolled_back: z.object({ at: z.string(), by: z.string(), reason: z.string() }).nullable().default(null),
  looks: z.array(look).default([]),
});
type ExperimentAnswer = z.output<typeof experimentShape>;

/** The lines that tell where an experiment stands; `names` are the models' by id, `plan` is what its traffic can show. */
export function describeExperiment(
  experiment: ExperimentAnswer,
  names: ReadonlyMap<string, string>,
  plan: Plan | null = null,
): string[] {
  const nameOf = (id: string) => names.get(id) ?? id;
  const last = experiment.looks.at(-1);
  return [
    `Experiment ${experiment.id} of ${experiment.loop}: ${standing(experiment)}`,
    ...facts([
      ...sides(experiment, nameOf),
      ["compares", experiment.parameters.aa ? "the champion with itself (A/A): nothing can be promoted" : null],
      [
        "started",
        `${instant(experiment.started_at)} by ${foreignText(experiment.started_by)}, for at least ${inWords(experiment.parameters.minDuration)}`,
      ],
      [
        "mark",
        experiment.supported === false ? "NOT SUPPORTED BY THE EVIDENCE: an operator promoted it all the same" : null,
      ],
      [
        "outcome",
        experiment.outcome_reason === null ? null : `${experiment.outcome}: ${foreignText(experiment.outcome_reason)}`,
      ],
      ["rolled back", rolledBack(experiment)],
      [
        "looks",
        [
          last === undefined ? "none yet" : `${last.number}, the last ${instant(last.at)}`,
          ...nextLook(experiment),
        ].join(", "),
      ],
      ...(last === undefined ? [] : [...evidence(last, experiment.parameters), ...checks(last)]),
      ...(plan?.lines ?? []).slice(1, 3).map(({ about, words }) => [foreignText(about), foreignText(words)] as const),
    ]),
  ];
}

/** Its promotion was taken back when its own outcome stood already. */
function rolledBack({ outcome, rolled_back: undone }: ExperimentAnswer): string | null {
  if (outcome !== "promoted" || undone === null) return null;
  return `${instant(undone.at)} by ${foreignText(undone.by)}: ${foreignText(undone.reason)}`;
}

/** Who is compared, as it is now: once the challenger is promoted, the two have changed places. */
function sides(experiment: ExperimentAnswer, nameOf: (id: string) => string): (readonly [string, string | null])[] {
  const { status, parameters, phases } = experiment;
  const [former, tried] = [nameOf(experiment.champion_id), nameOf(experiment.challenger_id)];
  if (status === "probation")
    return [
      ["champion", `${tried}, promoted`],
      ["standby", `${former}, the champion before, kept for ${percent(parameters.holdback)} of users`],
    ];
  const share = status === "closed" ? "" : `, given ${percent(experiment.share)} of users${phaseOf(phases)}`;
  return [
    ["champion", former],
    ["challenger", `${tried}${share}`],
    ["next phase", status === "running" ? nextPhase(phases, experiment.looks.at(-1)?.ramp ?? null) : null],
  ];
}

function nextLook({ status, looks, started_at: from, parameters }: ExperimentAnswer): string[] {
  if (status === "closed") return [];
  const at = new Date(looks.at(-1)?.at ?? from).getTime() + parameters.lookEvery;
  return [`the next about ${instant(new Date(at).toISOString())}`];
}

function standing(experiment: ExperimentAnswer): string {
  switch (experiment.status) {
    case "running":
      return experiment.paused_at === null
        ? `running, until ${instant(experiment.ends_at)} at the latest`
        : `paused since ${instant(experiment.paused_at)}: it looks on, but no phase opens and nothing is promoted until it is resumed`;
    case "awaiting_approval":
      return `waits for approval${experiment.approval_until === null ? "" : ` until ${instant(experiment.approval_until)}`}${notNow(experiment)}`;
    case "probation":
      return `promoted, in probation${experiment.probation_until === null ? "" : ` until ${instant(experiment.probation_until)}`}`;
    case "closed":
      return `over${experiment.closed_at === null ? "" : ` since ${instant(experiment.closed_at)}, by ${foreignText(experiment.closed_by ?? "")}`}`;
    default:
      return experiment.status satisfies never;
  }
}

/** What an approval would be refused for, if it were given now. */
function notNow({ paused_at: paused, looks }: ExperimentAnswer): string {
  if (paused !== null) return `, which cannot be given now: it is paused since ${instant(paused)}`;
  const since = inTheWaySince(looks.map(({ at, verdict }) => ({ at, checks: verdict.checks })));
  if (since === null) return "";
  const found = inTheWay(looks.at(-1)?.verdict.checks ?? []);
  const stand = found.length === 1 ? "stands" : "stand";
  return `, which cannot be given now: since ${instant(since.at)} ${foreignText(namedInSum(found))} ${stand} in the way`;
}

/** What every check came to, as `experiment verdict` says it. */
function checks({ verdict }: Pick<z.output<typeof look>, "verdict">): (readonly [string, string])[] {
  return verdict.checks.map(checkLine);
}

/** A bound that tells nothing is left out. */
function between(key: string, lower: number, upper: number): string {
  const [least, most] = [differenceOf(key, lower), differenceOf(key, upper)];
  if (tells(key, lower)) return tells(key, upper) ? `between ${least} and ${most}` : `at least ${least}`;
  return tells(key, upper) ? `at most ${most}` : "and far too few to tell";
}

/** Both sides' values of the metric that the rule goes by, in its unit, and their difference in the better direction. */
function evidence(
  { phase, verdict }: z.output<typeof look>,
  parameters: ExperimentAnswer["parameters"],
): (readonly [string, string])[] {
  const found = reading.safeParse(verdict.numbers);
  if (phase !== "experiment" || !found.success) return [["verdict", foreignText(verdict.reason)]];
  const { championRate, challengerRate, difference, lower, upper, users, ratings } = found.data;
  const { key, better } = primaryOf(parameters);
  const { name, values } = namesOf(key);
  const side = (who: keyof typeof users, rate: number) =>
    `${who} ${amountOf(key, rate)} (${counted(ratings[who], values.replace(/s$/, ""))} of ${counted(users[who], "user")})`;
  return [
    [
      foreignText(name),
      `${side("champion", championRate)}, ${side("challenger", challengerRate)}${better === "lower" ? "; lower is better" : ""}`,
    ],
    ["difference", `${differenceOf(key, difference)}, ${between(key, lower, upper)}`],
    ["verdict", foreignText(verdict.reason)],
  ];
}

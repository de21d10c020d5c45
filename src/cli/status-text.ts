// A loop's status in words, as `ratchet status` prints it.
import { z } from "zod";
import { inWords } from "../domain/duration.ts";
import { phaseOf, phasesShape } from "./ramp-text.ts";
import { counted, figure, instant, percent } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts } from "./terminal/table.ts";

const model = z.object({ name: z.string(), since: z.string() });

export const statusShape = z.object({
  loop: z.string(),
  paused_at: z.string().nullable(),
  settings_version: z.number(),
  /** The rate is in percent. */
  usage: z.object({ total: z.number(), feedback_rate: z.number(), average_quality: z.number().nullable() }),
  total_retrains: z.number(),
  champion: model,
  challenger: model.nullable(),
  readiness: z.object({
    readiness: z.enum(["not_ready", "ready", "optimal"]),
    feedback_count: z.number(),
    needed_for_training: z.number(),
    approval_rate: z.number(),
    health: z.string(),
  }),
  cycle: z.object({ number: z.number(), stage: z.string(), started_at: z.string() }).nullable(),
  experiment: z
    .object({
      status: z.string(),
      paused_at: z.string().nullable(),
      share: z.number(),
      phases: phasesShape,
      holdback: z.number(),
      aa: z.boolean().default(false),
      challenger: model,
      champion: model,
      last_look: z.object({ number: z.number(), at: z.string(), reason: z.string() }).nullable(),
    })
    .nullable(),
  alerts: z.array(z.object({ subject: z.string(), words: z.string(), opened_at: z.string() })),
  last_pulse: z.object({ at: z.string(), due: z.boolean().nullable(), reason: z.string().nullable() }).nullable(),
  next_pulse: z.string().nullable(),
  /** The note of whoever paused the schedule in Temporal. */
  schedule_paused: z.string().nullable().default(null),
  temporal: z.enum(["ok", "unavailable"]).default("ok"),
});
type Status = z.output<typeof statusShape>;

/** The lines of a status. `ratings` is how many the approval is of; `now` (milliseconds) makes "in 12 minutes" of an instant. */
export function describeStatus(status: Status, { ratings, now }: { ratings: number; now: number }): string[] {
  const { usage, readiness, cycle, challenger, champion, alerts } = status;
  return [
    `Loop ${status.loop}, settings version ${status.settings_version}`,
    ...facts([
      ["champion", `${champion.name}, since ${instant(champion.since)}`],
      ["challenger", challenger === null ? "none" : `${challenger.name}, since ${instant(challenger.since)}`],
      [
        "use",
        `${counted(usage.total, "interaction")}, ${usage.feedback_rate.toFixed(1)} % of them rated${usage.average_quality === null ? "" : `, average quality ${usage.average_quality}`}`,
      ],
      ["approval", approval(readiness, ratings)],
      ["learning", learning(status)],
      [
        "cycle",
        cycle === null
          ? "none under way"
          : `#${cycle.number} in stage ${cycle.stage}, since ${instant(cycle.started_at)}`,
      ],
      ["experiment", experiment(status)],
      ["last pulse", lastPulse(status)],
      ["next pulse", nextPulse(status, now)],
      ...alerts.map((alert) => ["alert", alertLine(alert)] as const),
    ]),
  ];
}

/** Of a workflow's alert, the id too: the words are of one among many. */
function alertLine({ subject, words, opened_at: at }: Status["alerts"][number]): string {
  const about = subject.includes("/") ? `${foreignText(subject)}: ` : "";
  return `${about}${foreignText(words)} (since ${instant(at)})`;
}

function approval({ approval_rate: rate, health }: Status["readiness"], ratings: number): string {
  if (ratings === 0) return "no rating yet: they come by POST /api/feedback";
  return `${rate.toFixed(1)} % of ${counted(ratings, "rating")} (${health.replaceAll("_", " ")})`;
}

function learning({ readiness, total_retrains: retrains }: Status): string {
  const since = `${counted(readiness.feedback_count, "rating")} since the last training`;
  const wanted = readiness.readiness === "not_ready" ? `, ${figure(readiness.needed_for_training)} more wanted` : "";
  return `${readiness.readiness.replaceAll("_", " ")}: ${since}${wanted}; ${counted(retrains, "retraining", "retrainings")} so far`;
}

function experiment({ experiment: open }: Status): string {
  if (open === null) return "none under way";
  const paused = open.paused_at === null ? "" : ", paused";
  const look = open.last_look === null ? "no look at the evidence yet" : foreignText(open.last_look.reason);
  if (open.status === "probation")
    return `probation: ${open.challenger.name} is champion, ${open.champion.name} stands by with ${percent(open.holdback)} of users; ${look}`;
  const itself = open.aa ? ", the champion with itself (A/A)" : "";
  return `${open.status.replaceAll("_", " ")}${paused}${itself}: ${open.challenger.name} with ${percent(open.share)} of users${phaseOf(open.phases)}; ${look}`;
}

function lastPulse({ last_pulse: pulse }: Status): string {
  if (pulse === null) return "none yet";
  return `${instant(pulse.at)}: ${pulse.due === true ? "a cycle was due" : "not due"}${pulse.reason === null ? "" : ` (${foreignText(pulse.reason.replace(/^(not )?due: /, ""))})`}`;
}

function nextPulse(
  { paused_at: paused, next_pulse: next, schedule_paused: note, temporal }: Status,
  now: number,
): string {
  if (note !== null) return `none: its schedule is paused in Temporal${note === "" ? "" : ` (${foreignText(note)})`}`;
  if (paused !== null) return `starts no cycle: the loop is paused since ${instant(paused)} (ratchet loop resume)`;
  if (next === null)
    return temporal === "ok"
      ? "not scheduled: applying the loop's settings again schedules it"
      : "not known: Temporal does not answer";
  const wait = new Date(next).getTime() - now;
  return `${instant(next)}${wait > 0 ? `, in ${inWords(wait)}` : ""}`;
}

// Where an experiment stands, for its workflow to act on and to show: what happens, why, and what comes next.
import type { Transaction } from "../db/database.ts";
import { instantInWords as instant, inWords } from "../domain/duration.ts";
import type { ExperimentStatus } from "../domain/experiment.ts";
import { inTheWay } from "../domain/in-the-way.ts";
import { opensFrom, phasesOf } from "../domain/phases.ts";
import { percent } from "../evidence/figures.ts";
import { namedInSum } from "../evidence/named-in-sum.ts";
import { shareInWords } from "../evidence/ramp.ts";
import { type Look, lastLook } from "../store/experiment/looks.ts";
import type { Experiment } from "../store/experiment/row.ts";
import { loadModel } from "../store/models.ts";

export interface ExperimentStanding {
  status: ExperimentStatus;
  looks: number;
  /** Milliseconds between looks. */
  lookEvery: number;
  outcome: string | null;
  reason: string | null;
  /** `next` says what is after the next look, whose time the workflow knows. */
  shown: { stage: string; what: string; why: string; next: string; verdict: string; actor: string; see: string[] };
}

export async function standingOf(tx: Transaction, experiment: Experiment): Promise<ExperimentStanding> {
  const { id, loop, status, parameters, cycle_id: cycleId } = experiment;
  const champion = await loadModel(tx, loop, experiment.champion_id);
  const challenger = await loadModel(tx, loop, experiment.challenger_id);
  const look = await lastLook(tx, id);
  return {
    status,
    looks: look?.number ?? 0,
    lookEvery: parameters.lookEvery,
    outcome: experiment.outcome,
    reason: experiment.outcome_reason,
    shown: {
      stage: status,
      what: whatHappens(experiment, champion.name, challenger.name),
      why: experiment.outcome_reason ?? look?.verdict.reason ?? "nobody has looked at the evidence yet",
      next: whatNext(experiment, look),
      verdict: experiment.outcome ?? look?.verdict.kind ?? "no verdict yet",
      actor: experiment.closed_by ?? experiment.started_by,
      see: cycleId === null ? [] : [`cycle/${cycleId}`],
    },
  };
}

function whatHappens(experiment: Experiment, champion: string, challenger: string): string {
  const { parameters, status, outcome, paused_at: pausedAt, phases_open: open } = experiment;
  switch (status) {
    case "running": {
      const paused =
        pausedAt === null
          ? ""
          : `; paused since ${instant(pausedAt)}: nothing is promoted, and no phase opens, until it is resumed`;
      if (parameters.aa === true)
        return `champion ${champion} is compared with itself (A/A): as ${challenger} it answers ${shareInWords(parameters, open)}${paused}`;
      return `challenger ${challenger} answers ${shareInWords(parameters, open)}, champion ${champion} the rest${paused}`;
    }
    case "awaiting_approval":
      if (parameters.promotion === "automatic")
        return `challenger ${challenger} looks better than champion ${champion}, and a check asks a person to agree; it goes on answering ${shareInWords(parameters, open)}`;
      return `challenger ${challenger} is better than champion ${champion}, and waits for a person's approval; it goes on answering ${shareInWords(parameters, open)}`;
    case "probation":
      return `${challenger} is champion; ${champion}, the champion before, stands by and answers ${percent(parameters.holdback)} of the users`;
    case "closed":
      return `${challenger} was tried against ${champion}, and ended: ${outcome?.replaceAll("_", " ")}`;
    default:
      return status satisfies never;
  }
}

/** Commands are the operator's, not the Web UI's: there, ending a workflow is all that a button can do. */
function whatNext(experiment: Experiment, look: Look | null): string {
  const { id, status, parameters, ...at } = experiment;
  const every = `looks every ${inWords(parameters.lookEvery)}`;
  switch (status) {
    case "running":
      if (parameters.aa === true)
        return `${every}, at the latest until ${instant(at.ends_at)}; nothing can be promoted, and it makes room for a cycle (\`ratchet experiment calibration\`)`;
      return `${every}, at the latest until ${instant(at.ends_at)}; nothing is promoted before ${instant(new Date(at.started_at.getTime() + parameters.minDuration))} (\`ratchet experiment show ${id}\`)${nextPhase(experiment, look)}`;
    case "awaiting_approval":
      return `${notNow(experiment, look)}somebody approves or rejects it, until ${at.approval_until === null ? "the end" : instant(at.approval_until)} (\`ratchet experiment approve ${id}\`); meanwhile ${every}, and harm still stops it${parameters.promotion === "automatic" ? "; it is promoted without anybody once the check is answered" : ""}`;
    case "probation":
      return `${every}; it is kept for good at ${at.probation_until === null ? "the end" : instant(at.probation_until)}, unless it does harm (by hand: \`ratchet rollback\`)`;
    case "closed":
      return "nothing: it is over";
    default:
      return status satisfies never;
  }
}

/** What an approval would be refused for, if it were given now. */
function notNow({ paused_at: paused }: Experiment, look: Look | null): string {
  if (paused !== null) return `it cannot be approved now: it is paused since ${instant(paused)}; once it is resumed `;
  const found = inTheWay(look?.verdict.checks ?? []);
  if (found.length === 0) return "";
  return `it cannot be approved now: ${namedInSum(found)} ${found.length === 1 ? "stands" : "stand"} in the way; once that is over `;
}

/** What the ramp waits for, if there is one and it has phases to open. */
function nextPhase({ parameters, phases_open: open, started_at: startedAt }: Experiment, look: Look | null): string {
  const next = phasesOf(parameters)[open];
  if (next === undefined) return "";
  if (look?.ramp?.kind === "wait") return `; ${look.ramp.words}`;
  const from = instant(opensFrom(next, startedAt));
  return `; ${percent(next.share)} of the users from ${from} on, at the first look at which nothing speaks for harm`;
}

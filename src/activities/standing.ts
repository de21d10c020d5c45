// Where an experiment stands, for its workflow to act on and to show: what, why, what next, with links.
import type { Transaction } from "../db/database.ts";
import { inWords } from "../domain/duration.ts";
import type { ExperimentStatus } from "../domain/experiment.ts";
import { lastLook } from "../store/experiment/looks.ts";
import type { Experiment } from "../store/experiment/row.ts";
import { loadModel } from "../store/models.ts";

export interface ExperimentStanding {
  status: ExperimentStatus;
  looks: number;
  /** Milliseconds between looks. */
  lookEvery: number;
  outcome: string | null;
  reason: string | null;
  shown: { stage: string; what: string; why: string; next: string; verdict: string; actor: string };
}

export async function standingOf(
  tx: Transaction,
  experiment: Experiment,
  links: { api: string | null },
): Promise<ExperimentStanding> {
  const { loop, status, parameters } = experiment;
  const champion = await loadModel(tx, loop, experiment.champion_id);
  const challenger = await loadModel(tx, loop, experiment.challenger_id);
  const look = await lastLook(tx, experiment.id);
  const link = links.api === null ? "" : ` ([all of it](${links.api}/api/experiments/${experiment.id}?loop=${loop}))`;
  return {
    status,
    looks: look?.number ?? 0,
    lookEvery: parameters.lookEvery,
    outcome: experiment.outcome,
    reason: experiment.outcome_reason,
    shown: {
      stage: status,
      what: `${whatHappens(experiment, champion.name, challenger.name)}${link}`,
      why: experiment.outcome_reason ?? look?.verdict.reason ?? "nobody has looked at the evidence yet",
      next: whatNext(experiment),
      verdict: experiment.outcome ?? look?.verdict.kind ?? "none yet",
      actor: experiment.closed_by ?? experiment.started_by,
    },
  };
}

function whatHappens(experiment: Experiment, champion: string, challenger: string): string {
  const { parameters, status, outcome } = experiment;
  const share = `${Math.round(parameters.share * 1000) / 10} % of the units`;
  switch (status) {
    case "running":
      return `challenger ${challenger} answers ${share}, champion ${champion} the rest${experiment.paused_at === null ? "" : "; paused"}`;
    case "awaiting_approval":
      return `challenger ${challenger} is better than ${champion}, and waits for a person's approval`;
    case "probation":
      return `${challenger} is champion; ${champion} stands by with ${Math.round(parameters.holdback * 1000) / 10} % of the units`;
    case "closed":
      return `${challenger} against ${champion}: ${outcome}`;
    default:
      return status satisfies never;
  }
}

function whatNext(experiment: Experiment): string {
  const { parameters } = experiment;
  const every = `a look every ${inWords(parameters.lookEvery)}`;
  switch (experiment.status) {
    case "running":
      return `${every}; no promotion before ${iso(experiment.started_at, parameters.minDuration)}, out of time at ${experiment.ends_at.toISOString()}`;
    case "awaiting_approval":
      return `approve or reject until ${experiment.approval_until?.toISOString()} (ratchet experiment approve); ${every}`;
    case "probation":
      return `${every}; kept for good at ${experiment.probation_until?.toISOString()} unless it does harm (ratchet rollback)`;
    case "closed":
      return "nothing: it is over";
    default:
      return experiment.status satisfies never;
  }
}

const iso = (from: Date, ms: number) => new Date(from.getTime() + ms).toISOString();

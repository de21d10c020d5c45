// What operators ask of an experiment, decided on its row: the answer is the same whether Temporal is up or not.
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { durationFault, milliseconds } from "../../domain/duration.ts";
import type { Asked, ExperimentCommand } from "../../domain/experiment.ts";
import { Fault } from "../../domain/fault.ts";
import { recordAudit } from "../audit.ts";
import { announce } from "../events.ts";
import { conclude, promote } from "./lifecycle.ts";
import { lastLook } from "./looks.ts";
import { alreadyClosed, type Experiment, loadExperiment, lockExperiment } from "./row.ts";

/** Does what an operator asks, or throws a Fault: `conflict` with who, when and what when it is too late. */
export async function command(
  tx: Transaction,
  loop: string,
  id: string,
  asked: ExperimentCommand & Asked,
  at: Date,
): Promise<Experiment> {
  const experiment = await lockExperiment(tx, loop, id);
  const who: Asked = { actor: asked.actor, reason: asked.reason };
  if (experiment.status === "closed") throw alreadyClosed(experiment);
  switch (asked.kind) {
    case "approve":
      return approve(tx, experiment, asked.override === true, who, at);
    case "reject":
    case "stop":
      if (experiment.status === "probation") throw decided(experiment);
      return conclude(tx, loop, id, { outcome: asked.kind === "reject" ? "rejected" : "stopped", at }, who);
    case "extend":
      return extend(tx, experiment, asked.by, who, at);
    case "pause":
    case "resume":
      return pause(tx, experiment, asked.kind === "pause", who, at);
    default:
      return asked satisfies never;
  }
}

async function approve(
  tx: Transaction,
  experiment: Experiment,
  override: boolean,
  who: Asked,
  at: Date,
): Promise<Experiment> {
  if (experiment.status === "probation") throw decided(experiment);
  const look = await lastLook(tx, experiment.id);
  if (look === null)
    throw new Fault("conflict", "there is no verdict on record yet: nobody has looked at the evidence", {
      hint: "wait for the first look",
    });
  const supported = experiment.status === "awaiting_approval" && look.verdict.kind === "promote";
  if (!supported && !override)
    throw new Fault("conflict", `the evidence does not support a promotion: ${look.verdict.reason}`, {
      hint: 'wait, or override it (--override, or {"override": true} over HTTP) with a reason; it stays marked "not supported by the evidence"',
      details: { verdict: look.verdict.kind },
    });
  return promote(tx, experiment.loop, experiment.id, { verdict: look.verdict, supported, at }, who);
}

async function extend(tx: Transaction, experiment: Experiment, by: string, who: Asked, at: Date): Promise<Experiment> {
  if (experiment.status === "probation") throw decided(experiment);
  const fault = durationFault(by);
  if (fault !== null) throw new Fault("invalid", `"by": ${fault}`);
  const later = (instant: Date) => new Date(instant.getTime() + milliseconds(by));
  const endsAt = later(experiment.ends_at);
  const approvalUntil = experiment.approval_until === null ? null : later(experiment.approval_until);
  await tx.run(
    sql`update experiment set ends_at = ${endsAt}, approval_until = ${approvalUntil} where id = ${experiment.id}`,
  );
  return noted(tx, experiment, "experiment.extend", who, at, { by, endsAt: endsAt.toISOString() });
}

async function pause(
  tx: Transaction,
  experiment: Experiment,
  paused: boolean,
  who: Asked,
  at: Date,
): Promise<Experiment> {
  if ((experiment.paused_at !== null) === paused) return experiment;
  await tx.run(sql`update experiment set paused_at = ${paused ? at : null} where id = ${experiment.id}`);
  return noted(tx, experiment, paused ? "experiment.pause" : "experiment.resume", who, at, {});
}

async function noted(
  tx: Transaction,
  experiment: Experiment,
  action: string,
  who: Asked,
  at: Date,
  payload: unknown,
): Promise<Experiment> {
  await recordAudit(tx, { loop: experiment.loop, at, ...who, action, subject: `experiment/${experiment.id}`, payload });
  await announce(tx, experiment.loop, "experiment.changed", experiment.id);
  return loadExperiment(tx, experiment.loop, experiment.id);
}

function decided(experiment: Experiment): Fault {
  return new Fault("conflict", `experiment ${experiment.id} was promoted already and is in probation`, {
    hint: "ratchet rollback brings the former champion back",
    details: { experiment: experiment.status },
  });
}

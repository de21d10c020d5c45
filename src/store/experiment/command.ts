// What operators ask of an experiment, decided on its row: the answer is the same whether Temporal is up or not.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { cleanText } from "../../domain/clean-text.ts";
import { durationFault, instantInWords, milliseconds } from "../../domain/duration.ts";
import type { Asked, ExperimentCommand } from "../../domain/experiment.ts";
import { Fault } from "../../domain/fault.ts";
import { inTheWay } from "../../domain/in-the-way.ts";
import { recordAudit } from "../audit.ts";
import { announce } from "../events.ts";
import { conclude, promote } from "./lifecycle.ts";
import { lastLook } from "./looks.ts";
import { alreadyClosed, type Experiment, loadExperiment, lockExperiment } from "./row.ts";

/** An experiment that goes on for longer compares models of another time. */
const LONGEST = milliseconds("365 days");

const verdict = z.looseObject({ kind: z.string(), reason: z.string() });

/** Does what an operator asks, or throws a Fault: `conflict` with who, when and what when it is too late. */
export async function command(
  tx: Transaction,
  loop: string,
  id: string,
  asked: ExperimentCommand & Asked,
  at: Date,
): Promise<Experiment> {
  const experiment = await lockExperiment(tx, loop, id);
  const who: Asked = { actor: cleanText(asked.actor), reason: cleanText(asked.reason) }; // a Signal's payload is anything
  if (experiment.status === "closed") throw alreadyClosed(experiment);
  switch (asked.kind) {
    case "approve":
      return approve(tx, experiment, asked.override === true, who, at);
    case "reject":
    case "stop":
      if (experiment.status === "probation") throw await decided(tx, experiment);
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
  if (experiment.status === "probation") throw await decided(tx, experiment);
  if (experiment.parameters.aa === true)
    throw new Fault(
      "conflict",
      "this experiment compares the champion with itself (A/A): there is nothing to promote",
      {
        hint: "ratchet experiment stop ends it; it also makes room by itself when a cycle or another experiment is to begin",
      },
    );
  if (experiment.paused_at !== null)
    throw new Fault(
      "conflict",
      `experiment ${experiment.id} is paused since ${instantInWords(experiment.paused_at)}: nothing is promoted`,
      {
        hint: "resume it first: POST /api/experiments/{id}/resume, with a reason",
      },
    );
  // What it was asked for on, where a person was asked; else the last look.
  const given =
    experiment.status === "awaiting_approval" ? experiment.verdict : (await lastLook(tx, experiment.id))?.verdict;
  const judged = verdict.safeParse(given);
  if (!judged.success)
    throw new Fault("conflict", "there is no verdict on record yet: nobody has looked at the evidence", {
      hint: "wait for the first look",
    });
  // What has come to light since then counts, too: the comparison may be in doubt by now.
  const failed = inTheWay((await lastLook(tx, experiment.id))?.verdict.checks ?? []);
  const supported = judged.data.kind === "promote" && failed.length === 0;
  if (judged.data.kind === "promote" && failed.length > 0 && !override)
    throw new Fault(
      "conflict",
      `a check has not passed at the last look: ${failed.map(({ name, words }) => `${name} (${words})`).join(", ")}`,
      {
        hint: 'see to it and wait for the next look, or override it (--override, or {"override": true} over HTTP) with a reason; it stays marked "not supported by the evidence"',
        details: { checks: failed.map(({ name }) => name) },
      },
    );
  if (!supported && !override)
    throw new Fault("conflict", `the evidence does not support a promotion: ${judged.data.reason}`, {
      hint: 'wait, or override it (--override, or {"override": true} over HTTP) with a reason; it stays marked "not supported by the evidence"',
      details: { verdict: judged.data.kind },
    });
  return promote(tx, experiment.loop, experiment.id, { verdict: judged.data, supported, at }, who);
}

async function extend(tx: Transaction, experiment: Experiment, by: string, who: Asked, at: Date): Promise<Experiment> {
  if (experiment.status === "probation") throw await decided(tx, experiment);
  const fault = durationFault(by);
  if (fault !== null) throw new Fault("invalid", `"by": ${fault}`);
  if (milliseconds(by) === 0)
    throw new Fault("invalid", `"by": ${by} is no time at all`, { hint: 'extend by something like "48 hours"' });
  const later = (instant: Date) => new Date(instant.getTime() + milliseconds(by));
  const endsAt = later(experiment.ends_at);
  if (!(endsAt.getTime() - experiment.started_at.getTime() <= LONGEST))
    throw new Fault("invalid", `"by": ${by} more would make it longer than a year`, {
      hint: "what a year does not show is not there to be seen: stop it, and try a larger share, or a challenger that is better by more",
    });
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

/** A Fault for a command that comes after the promotion: who promoted it, and when. */
async function decided(tx: Transaction, experiment: Experiment): Promise<Fault> {
  const { actor, at } = await tx.one(
    z.object({ actor: z.string(), at: z.date() }),
    sql`select actor, at from promotion where experiment_id = ${experiment.id} and kind = 'promotion'`,
  );
  const when = at.toISOString();
  return new Fault(
    "conflict",
    `experiment ${experiment.id} is in probation: promoted by ${actor} at ${instantInWords(at)}`,
    {
      hint: "ratchet rollback brings the former champion back",
      details: { who: actor, when, what: "promoted", experiment: experiment.status },
    },
  );
}

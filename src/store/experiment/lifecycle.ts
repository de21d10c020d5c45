// What can become of an experiment, each by one transaction with compare-and-set: begin, promote, conclude.
// Invariant: roles, slot, experiment and promotion rows change together, or not at all.
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { instantInWords, inWords } from "../../domain/duration.ts";
import type { Asked, ExperimentOutcome, ExperimentParameters } from "../../domain/experiment.ts";
import { Fault } from "../../domain/fault.ts";
import { newId } from "../../domain/id.ts";
import { closeAlert, openAlert } from "../alerts.ts";
import { recordAudit } from "../audit.ts";
import { announce } from "../events.ts";
import { holdLoop } from "../hold-loop.ts";
import { championOf, loadModel, type Model, setRole } from "../models.ts";
import { handSlotOn, refuseWhileHeld, releaseSlot, takeSlot } from "../slots.ts";
import {
  alreadyClosed,
  type Experiment,
  experimentBegun,
  loadExperiment,
  lockExperiment,
  openExperiment,
} from "./row.ts";

/** The alert of an experiment whose looks cannot be taken: closed by the look that can, or with the experiment. */
export const LOOK_FAILED = "look_failed" as const;

/** The alert of an experiment whose comparison a check found in doubt: closed by the look that does not, or with the experiment. */
export const CHECK_ALARM = "check_alarm" as const;

/** The alert of an experiment that would promote by itself, but for a check that asks a person: closed when it is promoted, or over. */
export const APPROVAL_WANTED = "approval_wanted" as const;

/**
 * The alert of a champion that looks worse than the one before: it outlives its experiment, and is closed by the look that finds
 * otherwise, or when the champion changes.
 */
export const LOOKS_WORSE = "looks_worse" as const;

/** How long past a look the challenger goes on being served, if the next look does not come. */
const SERVE_MARGIN = 60_000;

/** What may be tried: a candidate, or a model that has left. */
const TRIABLE: readonly Model["role"][] = ["candidate", "retired", "rejected"];

const servedUntil = (at: Date, parameters: ExperimentParameters) =>
  new Date(at.getTime() + 2 * parameters.lookEvery + SERVE_MARGIN);

/** Begins an experiment: the candidate becomes challenger, and units are hashed with its id. The same id or cycle again returns the one that began. */
export async function beginExperiment(
  tx: Transaction,
  loop: string,
  begin: { id: string; cycleId: string | null; challengerId: string; parameters: ExperimentParameters; at: Date },
  asked: Asked,
): Promise<Experiment> {
  await holdLoop(tx, loop);
  const { id, cycleId, challengerId, parameters, at } = begin;
  const begun = await experimentBegun(tx, id, cycleId);
  if (begun !== null) return begun;
  if (parameters.aa !== true) await makeRoom(tx, loop, asked, at);
  if (cycleId === null) await refuseWhileHeld(tx, loop); // before the indexes on roles do, which would not say who
  const champion = await championOf(tx, loop);
  const challenger = await loadModel(tx, loop, challengerId);
  if (!TRIABLE.includes(challenger.role))
    throw new Fault(
      "conflict",
      `model ${challenger.name} is ${challenger.role}: only a candidate, or a model that has left, can be tried`,
    );
  if ((challenger.twinOf !== null) !== (parameters.aa === true))
    throw new Fault("conflict", `model ${challenger.name} is another name of the champion, or of one that was`, {
      hint: 'to try the champion against itself, ask for "aa": true (ratchet experiment start --aa)',
    });
  await setRole(tx, loop, challenger.id, { from: TRIABLE, to: "challenger" }, at);
  await tx.run(sql`
    insert into experiment (id, loop, cycle_id, champion_id, challenger_id, parameters, salt, status, started_by, started_at, ends_at, serve_until)
    values (${id}, ${loop}, ${cycleId}, ${champion.id}, ${challenger.id}, ${JSON.stringify(parameters)}, ${id}, 'running', ${asked.actor}, ${at},
            ${new Date(at.getTime() + parameters.maxDuration)}, ${servedUntil(at, parameters)})`);
  if (cycleId === null) await takeSlot(tx, loop, { experimentId: id }, at);
  else await handSlotOn(tx, loop, cycleId, id);
  await changed(tx, loop, id, "experiment.start", asked, at, {
    champion: champion.name,
    challenger: challenger.name,
    parameters,
  });
  return loadExperiment(tx, loop, id);
}

/** An A/A experiment is there for want of anything better to do: it ends when there is. */
export async function makeRoom(tx: Transaction, loop: string, asked: Asked, at: Date): Promise<void> {
  const open = await openExperiment(tx, loop);
  if (open?.parameters.aa !== true) return;
  const reason = `it compared the champion with itself, and makes room: ${asked.reason}`;
  await conclude(tx, loop, open.id, { outcome: "stopped", at }, { actor: asked.actor, reason });
}

/** The challenger becomes champion and the champion standby: one transaction, one promotion per experiment. */
export async function promote(
  tx: Transaction,
  loop: string,
  id: string,
  decision: { verdict: unknown; supported: boolean; at: Date },
  asked: Asked,
): Promise<Experiment> {
  const experiment = await lockExperiment(tx, loop, id);
  if (experiment.status === "probation") return experiment;
  if (experiment.status === "closed") throw alreadyClosed(experiment);
  const { verdict, supported, at } = decision;
  await setRole(tx, loop, experiment.champion_id, { from: ["champion"], to: "standby" }, at);
  await setRole(tx, loop, experiment.challenger_id, { from: ["challenger"], to: "champion" }, at);
  await tx.run(sql`
    insert into promotion (id, loop, kind, from_model_id, to_model_id, experiment_id, verdict, supported, actor, reason, at)
    values (${newId()}, ${loop}, 'promotion', ${experiment.champion_id}, ${experiment.challenger_id}, ${id}, ${JSON.stringify(verdict)},
            ${supported}, ${asked.actor}, ${asked.reason}, ${at})`);
  await tx.run(sql`
    update experiment set status = 'probation', verdict = ${JSON.stringify(verdict)}, approval_until = null,
      probation_until = ${new Date(at.getTime() + experiment.parameters.probation)}
    where id = ${id}`);
  await closeAlert(tx, loop, { kind: APPROVAL_WANTED, subject: `experiment/${id}` }, at);
  await closeAlert(tx, loop, { kind: LOOKS_WORSE, subject: `model/${experiment.champion_id}` }, at);
  await changed(tx, loop, id, "experiment.promote", asked, at, { verdict, supported });
  return loadExperiment(tx, loop, id);
}

/** Ends an experiment. The challenger leaves; after a promotion, `rolled_back` brings the standby back and `promoted` retires it. */
export async function conclude(
  tx: Transaction,
  loop: string,
  id: string,
  end: { outcome: ExperimentOutcome; verdict?: unknown; at: Date },
  asked: Asked,
): Promise<Experiment> {
  const experiment = await lockExperiment(tx, loop, id);
  if (experiment.status === "closed") return experiment;
  const { outcome, at } = end;
  const promoted = experiment.status === "probation";
  if (promoted !== (outcome === "promoted" || outcome === "rolled_back"))
    throw new Fault(
      "conflict",
      `experiment ${id} is ${promoted ? "in probation: roll it back instead" : "not promoted"}`,
      { details: { experiment: experiment.status } },
    );
  const leaves = experiment.parameters.aa === true ? "retired" : "rejected";
  if (outcome === "promoted") await setRole(tx, loop, experiment.champion_id, { from: ["standby"], to: "retired" }, at);
  else await setRole(tx, loop, experiment.challenger_id, { from: ["challenger", "champion"], to: leaves }, at);
  if (outcome === "rolled_back") {
    await closeAlert(tx, loop, { kind: LOOKS_WORSE, subject: `model/${experiment.challenger_id}` }, at);
    await setRole(tx, loop, experiment.champion_id, { from: ["standby"], to: "champion" }, at);
    await tx.run(sql`
      insert into promotion (id, loop, kind, from_model_id, to_model_id, experiment_id, verdict, supported, actor, reason, at)
      values (${newId()}, ${loop}, 'rollback', ${experiment.challenger_id}, ${experiment.champion_id}, ${id},
              ${end.verdict === undefined ? null : JSON.stringify(end.verdict)}, true, ${asked.actor}, ${asked.reason}, ${at})`);
  }
  await tx.run(sql`
    update experiment set status = 'closed', outcome = ${outcome}, outcome_reason = ${asked.reason}, closed_at = ${at}, closed_by = ${asked.actor},
      approval_until = null, verdict = coalesce(${end.verdict === undefined ? null : JSON.stringify(end.verdict)}::jsonb, verdict)
    where id = ${id}`);
  await releaseSlot(tx, loop, { experimentId: id }, at);
  for (const kind of [LOOK_FAILED, CHECK_ALARM, APPROVAL_WANTED])
    await closeAlert(tx, loop, { kind, subject: `experiment/${id}` }, at);
  await changed(tx, loop, id, `experiment.${outcome}`, asked, at, {});
  return loadExperiment(tx, loop, id);
}

/**
 * Asks for approval: the share stays, looks go on. Repeating it changes nothing. Where promotions are automatic a check asks, which a
 * later look may find answered: then there is time until the experiment's own end, and nobody waits for the question, so an alert tells of it.
 */
export async function awaitApproval(
  tx: Transaction,
  loop: string,
  id: string,
  verdict: unknown,
  asked: Asked,
  at: Date,
): Promise<Experiment> {
  const experiment = await lockExperiment(tx, loop, id);
  if (experiment.status !== "running") return experiment;
  const { promotion, approvalTimeout } = experiment.parameters;
  const until = promotion === "automatic" ? experiment.ends_at : new Date(at.getTime() + approvalTimeout);
  await tx.run(
    sql`update experiment set status = 'awaiting_approval', approval_until = ${until}, verdict = ${JSON.stringify(verdict)} where id = ${id}`,
  );
  await changed(tx, loop, id, "experiment.await_approval", asked, at, {
    until: until.toISOString(),
    waits: inWords(until.getTime() - at.getTime()),
  });
  const alert = {
    kind: APPROVAL_WANTED,
    subject: `experiment/${id}`,
    words: `until ${instantInWords(until)} (ratchet experiment approve ${id}): ${asked.reason}`,
    numbers: {},
  };
  if (promotion === "automatic") await openAlert(tx, loop, alert, at);
  return loadExperiment(tx, loop, id);
}

/** Renews how long the challenger is served, paused or not: a pause never changes who has it. Never shortens it; not for one that is over. */
export async function renewServing(tx: Transaction, experiment: Experiment, at: Date): Promise<void> {
  await tx.run(sql`
    update experiment set serve_until = greatest(serve_until, ${servedUntil(at, experiment.parameters)})
    where id = ${experiment.id} and status <> 'closed'`);
}

/** What every change of who serves brings with it: a new version of the routing, an audit entry, an event. */
export async function changed(
  tx: Transaction,
  loop: string,
  id: string,
  action: string,
  asked: Asked,
  at: Date,
  payload: unknown,
): Promise<void> {
  await tx.run(sql`update loop set routing_version = routing_version + 1 where name = ${loop}`);
  await recordAudit(tx, { loop, at, ...asked, action, subject: `experiment/${id}`, payload });
  await announce(tx, loop, "experiment.changed", id);
}

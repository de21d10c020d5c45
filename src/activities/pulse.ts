// The pulse's effects: take in what is new, look at it, open and close alerts, decide whether a cycle is due.

import { Context } from "@temporalio/activity";
import { conditions, isCondition, LEAST_NUMBERS, reconcileAlerts } from "../analysis/alerts.ts";
import { learningStatus } from "../analysis/health.ts";
import { type Due, isDue } from "../analysis/triggers.ts";
import type { Transaction } from "../db/database.ts";
import { instantInWords, milliseconds } from "../domain/duration.ts";
import { RECENT_DAYS } from "../domain/idle-waits.ts";
import { closeAlert, openAlert, openAlerts } from "../store/alerts.ts";
import { collect } from "../store/collect.ts";
import { createCycle, listCycles } from "../store/cycles.ts";
import { openExperiment } from "../store/experiment/row.ts";
import { feedbackSince, learnedUpTo } from "../store/feedback/summary.ts";
import { holdLoop } from "../store/hold-loop.ts";
import { type Loop, loadLoop } from "../store/loops.ts";
import { concludePulse, loadPulse } from "../store/pulses.ts";
import { slotHolder } from "../store/slots.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { showProgress } from "./heartbeat.ts";
import { begunIdle, idle } from "./idle.ts";
import { DAY, type PulseFacts, readFacts } from "./pulse-facts.ts";

const KEPT_DAYS = 30;
/** Fewest ratings and requests for a comparison between weeks to mean something. */
const MIN_COMPARABLE = 50;

export function pulseActivities({
  db,
  log,
  workflows,
}: Pick<ActivityDeps, "db" | "log"> & { workflows: Pick<ActivityDeps["workflows"], "startExperiment"> }) {
  return {
    /** Numbers the pulse and stamps what has become visible since the last one. */
    async collect({ loop, asOf }: { loop: string; asOf: number }) {
      const { cancellationSignal } = Context.current();
      return collect(db, loop, new Date(asOf), {
        between(soFar) {
          cancellationSignal.throwIfAborted();
          showProgress(soFar);
        },
      });
    },

    /** Analyses, opens and closes alerts, and makes the cycle's row when a retrain is due. */
    async analyse({ loop: name, number, asOf }: { loop: string; number: number; asOf: number }): Promise<Decision> {
      const at = new Date(asOf);
      const facts = await readFacts(db, name, at);
      const { result, aside } = await db.withLoop(name, async (tx) => {
        await holdLoop(tx, name); // nobody else may take the slot while this decides
        return { result: await concludeOnce(tx, name, number, facts, at), aside: await begunIdle(tx, name, at) };
      });
      if (aside !== null) await workflows.startExperiment({ loop: name, experimentId: aside });
      log.info({
        event: result.due ? "retrain_due" : "retrain_not_due",
        loop: name,
        pulse: number,
        reason: result.reason,
        cycle: result.cycleId,
      });
      return result;
    },
  };
}

interface Decision {
  due: boolean;
  reason: string;
  cycleId: string | null;
}

/** What this pulse decided, and all that it brings with it; asked again, what it has decided already. */
async function concludeOnce(
  tx: Transaction,
  name: string,
  number: number,
  facts: PulseFacts,
  at: Date,
): Promise<Decision> {
  const known = await loadPulse(tx, name, number);
  if (known.due !== null) return { due: known.due, reason: known.reason ?? "", cycleId: known.cycle_id };
  const loop = await loadLoop(tx, name);
  await keepAlerts(tx, loop, facts, at);
  const due = await decide(tx, loop, facts, at);
  const paused = loop.pausedAt === null ? null : `not due: the loop is paused since ${instantInWords(loop.pausedAt)}`;
  const begun = due.due && paused === null;
  const cycle = begun
    ? await createCycle(
        tx,
        name,
        { actor: LOOP_ITSELF, reason: due.reason },
        { pulse: number, watermark: number, settingsVersion: loop.settingsVersion, asOf: at },
      )
    : null;
  const analysis = analysisOf(facts, loop, at);
  if (!begun) await idle(tx, loop, thumbsOf(facts.byDay, at), at);
  const decision = { due: begun, reason: paused ?? due.reason, cycleId: cycle?.id ?? null };
  await concludePulse(tx, name, number, { analysis: { ...analysis, triggers: due.triggers }, ...decision });
  return decision;
}

/** What is kept of the facts with the pulse. */
function analysisOf(facts: PulseFacts, { settings }: Loop, asOf: Date) {
  const { total, since, byAction, byDay, lastDay, patterns } = facts;
  return {
    status: learningStatus(total, since.ratings, settings.readiness),
    total,
    byAction,
    byDay: byDay.filter(({ day }) => day > daysBefore(asOf, KEPT_DAYS)),
    lastDay,
    patterns,
  };
}

/** The day (UTC) that is so many days before an instant's. */
const daysBefore = (asOf: Date, days: number) => new Date(asOf.getTime() - days * DAY).toISOString().slice(0, 10);

/** Thumbs of the last days, today's included. */
function thumbsOf(byDay: PulseFacts["byDay"], asOf: Date): number {
  return byDay
    .filter(({ day }) => day > daysBefore(asOf, RECENT_DAYS))
    .reduce((sum, { up, down }) => sum + up + down, 0);
}

async function keepAlerts(tx: Transaction, loop: Loop, facts: PulseFacts, asOf: Date): Promise<void> {
  const { alerts, triggers } = loop.settings;
  const today = daysBefore(asOf, 0);
  const lately = facts.byDay.filter(({ day }) => day > daysBefore(asOf, KEPT_DAYS));
  const holding = conditions(
    {
      overall: facts.total,
      byAction: facts.byAction,
      downToday: lately.find((row) => row.day === today)?.down ?? 0,
      downByDay: lately.filter((row) => row.day !== today).map((row) => row.down),
      requests: facts.lastDay.requests,
      failedRequests: facts.lastDay.errors,
    },
    {
      ...LEAST_NUMBERS,
      approvalBelow: alerts.approvalBelow,
      actionApprovalBelow: alerts.actionApprovalBelow,
      spike: alerts.spike,
      errorRate: triggers.errorRate,
    },
  );
  const { close } = reconcileAlerts((await openAlerts(tx, loop.name)).filter(isCondition), holding);
  for (const condition of holding) await openAlert(tx, loop.name, condition, asOf); // one that is open gets today's numbers
  for (const alert of close) await closeAlert(tx, loop.name, alert, asOf);
}

async function decide(tx: Transaction, loop: Loop, facts: PulseFacts, asOf: Date): Promise<Due> {
  const { name, settings } = loop;
  const { triggers, readiness } = settings;
  const learned = await learnedUpTo(tx, name);
  // A run may have been submitted since the facts were read: what it has seen is not new any more.
  const isStill = learned.watermark === facts.learnedUpTo;
  const since = isStill ? facts.since : await feedbackSince(tx, name, learned.watermark);
  const [lastCycle] = await listCycles(tx, name, { before: null, limit: 1 });
  const held = await slotHolder(tx, name);
  const [kind, id] = held?.holder.split("/") ?? [];
  const free = held === null || id === undefined || (await openExperiment(tx, name))?.parameters.aa === true;
  const border = daysBefore(asOf, RECENT_DAYS);
  const sum = (rows: PulseFacts["byDay"]) =>
    rows.reduce((thumbs, row) => ({ up: thumbs.up + row.up, down: thumbs.down + row.down }), { up: 0, down: 0 });
  return isDue(
    {
      feedbackSinceTraining: since.ratings,
      teachableSinceTraining: since.teachable,
      lastTrainingAt: learned.at,
      lastCycleAt: lastCycle?.ended_at ?? null,
      createdAt: loop.createdAt,
      recent: sum(facts.byDay.filter((row) => row.day > border)),
      baseline: sum(facts.byDay.filter((row) => row.day <= border)),
      requests: facts.lastDay.requests,
      failedRequests: facts.lastDay.errors,
      slot: free ? null : { kind: kind === "experiment" ? "experiment" : "cycle", id },
    },
    {
      newSamples: triggers.newSamples,
      interval: triggers.interval === null ? null : milliseconds(triggers.interval),
      calendar: triggers.calendar,
      qualityDrop: triggers.qualityDrop,
      errorRate: triggers.errorRate,
      cooldown: milliseconds(triggers.cooldown),
      minFeedback: readiness.minFeedback,
      minComparable: MIN_COMPARABLE,
    },
    asOf,
  );
}

// The pulse's effects: take in what is new, look at it, open and close alerts, decide whether a cycle is due.
import { conditions, LEAST_NUMBERS, reconcileAlerts } from "../analysis/alerts.ts";
import { learningStatus } from "../analysis/health.ts";
import { failurePatterns } from "../analysis/patterns.ts";
import { type Due, isDue } from "../analysis/triggers.ts";
import type { Transaction } from "../db/database.ts";
import { milliseconds } from "../domain/duration.ts";
import { closeAlert, openAlert, openAlerts } from "../store/alerts.ts";
import { createCycle, listCycles } from "../store/cycles.ts";
import { openExperiment } from "../store/experiment/row.ts";
import {
  feedbackSince,
  learnedUpTo,
  thumbsByAction,
  thumbsByDay,
  thumbsDown,
  totalThumbs,
  usageOf,
} from "../store/feedback/summary.ts";
import { holdLoop } from "../store/hold-loop.ts";
import { type Loop, loadLoop } from "../store/loops.ts";
import { collect, concludePulse, loadPulse } from "../store/pulses.ts";
import { slotHolder } from "../store/slots.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { begunIdle, idle } from "./idle.ts";

const DAY = 86_400_000;
const RECENT_DAYS = 7;
const BASELINE_DAYS = 28;
/** Fewest ratings and requests for a comparison between weeks to mean something. */
const MIN_COMPARABLE = 50;
/** The analysis's own kinds: what other parts opened is not the analysis's to close. */
const KINDS = new Set(["approval", "action_approval", "spike", "error_rate"]);

export function pulseActivities({ db, log, workflows }: ActivityDeps) {
  return {
    /** Numbers the pulse and stamps what has become visible since the last one. */
    async collect({ loop, asOf }: { loop: string; asOf: number }) {
      return db.withLoop(loop, (tx) => collect(tx, loop, new Date(asOf)));
    },

    /** Analyses, opens and closes alerts, and makes the cycle's row when a retrain is due. */
    async analyse({ loop: name, number, asOf }: { loop: string; number: number; asOf: number }): Promise<Decision> {
      const at = new Date(asOf);
      const { result, aside } = await db.withLoop(name, async (tx) => {
        await holdLoop(tx, name); // nobody else may take the slot between the look and the decision
        return { result: await concludeOnce(tx, name, number, at), aside: await begunIdle(tx, name, at) };
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
async function concludeOnce(tx: Transaction, name: string, number: number, at: Date): Promise<Decision> {
  const known = await loadPulse(tx, name, number);
  if (known.due !== null) return { due: known.due, reason: known.reason ?? "", cycleId: known.cycle_id };
  const loop = await loadLoop(tx, name);
  const analysis = await look(tx, loop, at);
  await keepAlerts(tx, loop, analysis, at);
  const due = await decide(tx, loop, at);
  const paused = loop.pausedAt === null ? null : `not due: the loop is paused since ${loop.pausedAt.toISOString()}`;
  const begun = due.due && paused === null;
  const cycle = begun
    ? await createCycle(
        tx,
        name,
        { actor: LOOP_ITSELF, reason: due.reason },
        { pulse: number, watermark: number, settingsVersion: loop.settingsVersion, asOf: at },
      )
    : null;
  if (!begun) await idle(tx, loop, thumbsOf(analysis.byDay, at), at);
  const decision = { due: begun, reason: paused ?? due.reason, cycleId: cycle?.id ?? null };
  await concludePulse(tx, name, number, { analysis: { ...analysis, triggers: due.triggers }, ...decision });
  return decision;
}

type Analysis = Awaited<ReturnType<typeof look>>;

async function look(tx: Transaction, loop: Loop, asOf: Date) {
  const { name, settings } = loop;
  const total = await totalThumbs(tx, name);
  const since = await feedbackSince(tx, name, (await learnedUpTo(tx, name)).watermark);
  const byDay = await thumbsByDay(tx, name, asOf, 30);
  const failed = await thumbsDown(tx, name);
  const { total: requests, errors } = await usageOf(tx, name, new Date(asOf.getTime() - DAY));
  return {
    status: learningStatus(total, since.ratings, settings.readiness),
    total,
    byAction: await thumbsByAction(tx, name),
    byDay,
    lastDay: { requests, errors },
    // Ids and counts: the analysis is kept, and what people wrote is not copied into it.
    patterns: failurePatterns(failed, { asOf }).map(({ count, trend, actionTypes, examples }) => ({
      count,
      trend,
      actionTypes,
      examples,
    })),
  };
}

/** Thumbs of the last days, today's included. */
function thumbsOf(byDay: Analysis["byDay"], asOf: Date): number {
  const border = new Date(asOf.getTime() - RECENT_DAYS * DAY).toISOString().slice(0, 10);
  return byDay.filter(({ day }) => day > border).reduce((sum, { up, down }) => sum + up + down, 0);
}

async function keepAlerts(tx: Transaction, loop: Loop, analysis: Analysis, asOf: Date): Promise<void> {
  const { alerts, triggers } = loop.settings;
  const today = asOf.toISOString().slice(0, 10);
  const holding = conditions(
    {
      overall: analysis.total,
      byAction: analysis.byAction,
      downToday: analysis.byDay.find((row) => row.day === today)?.down ?? 0,
      downByDay: analysis.byDay.filter((row) => row.day !== today).map((row) => row.down),
      requests: analysis.lastDay.requests,
      failedRequests: analysis.lastDay.errors,
    },
    {
      ...LEAST_NUMBERS,
      approvalBelow: alerts.approvalBelow,
      actionApprovalBelow: alerts.actionApprovalBelow,
      spike: alerts.spike,
      errorRate: triggers.errorRate,
    },
  );
  const open = (await openAlerts(tx, loop.name)).filter((alert) => KINDS.has(alert.kind));
  const { close } = reconcileAlerts(open as ((typeof open)[number] & { kind: "approval" })[], holding);
  for (const condition of holding) await openAlert(tx, loop.name, condition, asOf); // one that is open gets today's numbers
  for (const alert of close) await closeAlert(tx, loop.name, alert, asOf);
}

async function decide(tx: Transaction, loop: Loop, asOf: Date): Promise<Due> {
  const { name, settings } = loop;
  const { triggers, readiness } = settings;
  const learned = await learnedUpTo(tx, name);
  const since = await feedbackSince(tx, name, learned.watermark);
  const [lastCycle] = await listCycles(tx, name, { before: null, limit: 1 });
  const held = await slotHolder(tx, name);
  const [kind, id] = held?.holder.split("/") ?? [];
  const free = held === null || id === undefined || (await openExperiment(tx, name))?.parameters.aa === true;
  const days = await thumbsByDay(tx, name, asOf, RECENT_DAYS + BASELINE_DAYS);
  const border = new Date(asOf.getTime() - RECENT_DAYS * DAY).toISOString().slice(0, 10);
  const sum = (rows: typeof days) =>
    rows.reduce((thumbs, row) => ({ up: thumbs.up + row.up, down: thumbs.down + row.down }), { up: 0, down: 0 });
  const recentUse = await usageOf(tx, name, new Date(asOf.getTime() - DAY));
  return isDue(
    {
      feedbackSinceTraining: since.ratings,
      teachableSinceTraining: since.teachable,
      lastTrainingAt: learned.at,
      lastCycleAt: lastCycle?.ended_at ?? null,
      createdAt: loop.createdAt,
      recent: sum(days.filter((row) => row.day > border)),
      baseline: sum(days.filter((row) => row.day <= border)),
      requests: recentUse.total,
      failedRequests: recentUse.errors,
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

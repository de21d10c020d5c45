// A loop at a glance: use, champion and challenger, readiness, what is under way, the last pulse and the next.
import { learningStatus } from "../analysis/health.ts";
import type { Transaction } from "../db/database.ts";
import { openAlerts } from "../store/alerts.ts";
import { openCycle } from "../store/cycles.ts";
import { lastLook } from "../store/experiment/looks.ts";
import { openExperiment } from "../store/experiment/row.ts";
import { feedbackSince, learnedUpTo, totalThumbs, usageOf } from "../store/feedback/summary.ts";
import { loadLoop } from "../store/loops.ts";
import { championOf, loadModel, modelInRole } from "../store/models.ts";
import { lastPulse } from "../store/pulses.ts";
import { slotHolder } from "../store/slots.ts";
import { succeededRuns } from "../store/training-runs.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { percentOf } from "./rates.ts";
import { showModelBriefly, showShare } from "./show.ts";
import { withPatience } from "./tell.ts";

const PATIENCE = 2_000;

/** Mounts GET /api/loops/{loop}/status. */
export function statusRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/status",
      summary: "The loop at a glance",
      scopes: ["read"],
      loop: "path",
      answer: {
        status: 200,
        description:
          "Rates in percent with one decimal; `next_pulse` is null when Temporal does not answer, or while its schedule is paused there: `schedule_paused` then has the note given with it",
      },
    },
    async ({ context, loop }) => {
      const [recorded, next] = await Promise.all([
        deps.db.withLoop(loop, (tx) => readStatus(tx, loop)),
        nextPulse(deps, loop),
      ]);
      return context.json({ ...recorded, ...next, temporal_ui: deps.temporalUi }, 200);
    },
  );
}

async function readStatus(tx: Transaction, loop: string) {
  const { settings, settingsVersion, pausedAt } = await loadLoop(tx, loop);
  const usage = await usageOf(tx, loop);
  const challenger = await modelInRole(tx, loop, "challenger");
  const { watermark, at: lastTrainedAt } = await learnedUpTo(tx, loop);
  const since = await feedbackSince(tx, loop, watermark);
  const pulse = await lastPulse(tx, loop);
  return {
    loop,
    paused_at: pausedAt,
    settings_version: settingsVersion,
    usage: {
      total: usage.total,
      feedback_rate: percentOf(usage.rated, usage.total),
      average_quality: usage.quality === null ? null : Math.round(usage.quality * 1000) / 1000,
      errors: usage.errors,
    },
    total_retrains: await succeededRuns(tx, loop),
    last_trained_at: lastTrainedAt,
    champion: showModelBriefly(await championOf(tx, loop)),
    challenger: challenger === null ? null : showModelBriefly(challenger),
    readiness: {
      ...learningStatus(await totalThumbs(tx, loop), since.ratings, settings.readiness),
      teachable: since.teachable,
    },
    slot: await slotHolder(tx, loop),
    cycle: await openCycle(tx, loop),
    experiment: await experimentNow(tx, loop),
    alerts: await openAlerts(tx, loop),
    last_pulse: pulse === null ? null : { number: pulse.number, at: pulse.as_of, due: pulse.due, reason: pulse.reason },
  };
}

async function experimentNow(tx: Transaction, loop: string) {
  const open = await openExperiment(tx, loop);
  if (open === null) return null;
  const { parameters, salt: _, verdict: __, ...row } = open;
  const look = await lastLook(tx, open.id);
  return {
    ...row,
    ...showShare(open),
    holdback: parameters.holdback,
    aa: parameters.aa === true,
    challenger: showModelBriefly(await loadModel(tx, loop, open.challenger_id)),
    champion: showModelBriefly(await loadModel(tx, loop, open.champion_id)),
    last_look:
      look === null
        ? null
        : {
            number: look.number,
            phase: look.phase,
            at: look.at,
            verdict: look.verdict.kind,
            reason: look.verdict.reason,
          },
  };
}

async function nextPulse(
  { workflows }: ApiDeps,
  loop: string,
): Promise<{ next_pulse: Date | null; schedule_paused: string | null; temporal: "ok" | "unavailable" }> {
  try {
    const { at, paused } = await withPatience(workflows.nextPulse(loop), PATIENCE);
    return { next_pulse: at, schedule_paused: paused, temporal: "ok" };
  } catch {
    return { next_pulse: null, schedule_paused: null, temporal: "unavailable" };
  }
}

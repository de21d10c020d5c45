// The gate's effects: both models answer the gold set, the judge compares, the report is kept.
import { Context } from "@temporalio/activity";
import { z } from "zod";
import { judgeGate } from "../evaluation/gate.ts";
import { parseGold } from "../evaluation/gold.ts";
import { enterStage, loadCycle } from "../store/cycles.ts";
import { addEvaluation, evaluationOfCycle, goldCases } from "../store/gold.ts";
import { holdLoop } from "../store/hold-loop.ts";
import { settingsAt } from "../store/loops.ts";
import { championOf, setRole } from "../store/models.ts";
import { compareOnGold, probe } from "./compare-on-gold.ts";
import type { ActivityDeps } from "./deps.ts";

const definition = z.record(z.string(), z.unknown());

export function evaluateActivities(deps: Pick<ActivityDeps, "db" | "log" | "providers" | "models" | "meter">) {
  const { db, log } = deps;
  return {
    /** Tests a cycle's candidate against the champion on the loop's gold set, once. A rejected candidate leaves. */
    async evaluate({
      loop,
      cycleId,
      modelId,
      asOf,
    }: {
      loop: string;
      cycleId: string;
      modelId: string;
      asOf: number;
    }): Promise<{ passed: boolean; reason: string }> {
      const at = new Date(asOf);
      const signal = Context.current().cancellationSignal;
      const { settings, champion, made, cases } = await db.withLoop(loop, async (tx) => {
        await enterStage(tx, loop, cycleId, "evaluate");
        const cycle = await loadCycle(tx, loop, cycleId);
        const settings = await settingsAt(tx, loop, cycle.settings_version);
        const { goldSet } = settings.evaluation;
        return {
          settings,
          champion: await championOf(tx, loop),
          made: await evaluationOfCycle(tx, cycleId),
          cases: goldSet === null ? [] : await goldCases(tx, loop, goldSet),
        };
      });
      if (made !== null) return { passed: made.passed, reason: made.reason };
      const { goldSet, minImprovement, maxForgetting } = settings.evaluation;

      const gold =
        cases.length === 0
          ? []
          : parseGold(cases.map((one) => JSON.stringify(definition.parse(one.definition))).join("\n"));
      const pair = { loop, championId: champion.id, candidateId: modelId };
      const silent = await probe(deps, pair, signal);
      const results = silent === null ? await compareOnGold(deps, pair, gold, signal) : [];
      const judged =
        silent !== null || goldSet === null || gold.length === 0
          ? null
          : judgeGate(results, { minImprovement, maxForgetting });
      const reason =
        (silent === null ? judged?.reason : `the candidate does not answer: ${silent}`) ??
        (goldSet === null
          ? "no gold set: nothing was tested before users meet it (settings: evaluation.goldSet; corrections are a good start for one)"
          : `the gold set "${goldSet}" has no cases: nothing was tested (ratchet gold import)`);
      const passed = silent === null && (judged === null || judged.kind === "passed");
      const kept = await db.withLoop(loop, async (tx) => {
        const report = { ...judged, warning: judged === null ? reason : null };
        const entry = {
          cycle_id: cycleId,
          candidate_id: modelId,
          champion_id: champion.id,
          gold_set: goldSet,
          passed,
          reason,
          report,
          at,
        };
        await holdLoop(tx, loop);
        const evaluation = await addEvaluation(tx, loop, entry);
        // Another attempt of this activity may have been quicker, and have put it out already.
        if (!evaluation.passed && evaluation.isNew)
          await setRole(tx, loop, modelId, { from: ["candidate"], to: "rejected" }, at);
        return evaluation;
      });
      log.info({
        event: "candidate_evaluated",
        loop,
        cycle: cycleId,
        model: modelId,
        passed: kept.passed,
        cases: gold.length,
      });
      return { passed: kept.passed, reason: kept.reason };
    },
  };
}

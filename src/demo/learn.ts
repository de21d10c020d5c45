// Second chapter: the cycle makes a snapshot, trains a candidate and tests it at the gate.
import { figure } from "../cli/terminal/figures.ts";
import { Fault } from "../domain/fault.ts";
import type { Cycle, Snapshot } from "./answers.ts";
import { type Scene, until } from "./scene.ts";

/** Follows a cycle to its experiment, whose id it returns. Throws a Fault when the cycle ends otherwise. */
export async function learn(scene: Scene, cycleId: string): Promise<string> {
  const { terminal, operator, clock } = scene;
  terminal.heading("Learning: snapshot, training, gate");
  const began = clock();
  const told = new Set<string>();
  const tell = (what: string, words: string) => {
    if (told.has(what)) return;
    told.add(what);
    terminal.say(words);
  };
  return until(scene, 500, async () => {
    const cycle = await operator.cycle(cycleId);
    const { snapshot, training_run: run, evaluation, experiment } = cycle;
    if (snapshot !== null) tell("snapshot", snapshotWords(snapshot));
    if (run !== null)
      tell("training", `Training: ordered from ${run.trainer}, once, under a key that finds the job again.`);
    if (run?.status === "succeeded")
      tell("trained", `Training: done, ${Math.round((clock() - began) / 1000)} s into the cycle.`);
    if (evaluation !== null) tell("gate", `The gate: ${evaluation.reason}.`);
    if (experiment !== null) return experiment.id;
    if (cycle.outcome !== null) throw endedEarly(cycle);
    terminal.live(`stage: ${cycle.stage} …`);
    return null;
  });
}

function endedEarly({ outcome, outcome_reason: reason }: Cycle): Fault {
  return new Fault("conflict", `the cycle ended without an experiment (${outcome}): ${reason}`);
}

/** What the snapshot holds, and what was left out by which rule. */
export function snapshotWords({ examples, manifest: { considered, kept, dropped } }: Snapshot): string {
  const rules = Object.entries(dropped)
    .sort(([, left], [, right]) => right - left)
    .map(([rule, count]) => `${figure(count)} ${rule.replaceAll("-", " ")}`);
  const left = rules.length === 0 ? "" : `; left out: ${rules.join(", ")}`;
  return `The snapshot: ${figure(kept)} of ${figure(considered)} rated answers kept, ${figure(examples)} of them to train on${left}.`;
}

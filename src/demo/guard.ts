// Fifth chapter: everybody has the new champion but a few, who keep the former one until probation is over.
import type { Experiment } from "./answers.ts";
import { approvalWords } from "./figures.ts";
import { endedOtherwise } from "./prove.ts";
import { type Scene, until } from "./scene.ts";

/** Fewer ratings say too little of the new champion. */
const ENOUGH = 500;

/** Waits for the end of probation and for enough ratings of what was asked from `since` on. Throws a Fault when it is rolled back. */
export async function guard(scene: Scene, experimentId: string, since: number): Promise<Experiment> {
  const { terminal, operator, ledger } = scene;
  terminal.heading("Probation: the new champion at work");
  const experiment = await until(scene, 1_000, async () => {
    const found = await operator.experiment(experimentId);
    const after = ledger.approval({ from: since });
    terminal.live(`${approvalWords(after)}; ${found.looks.at(-1)?.verdict.reason ?? ""}`);
    return found.status === "closed" && after.ratings >= ENOUGH ? found : null;
  });
  if (experiment.outcome !== "promoted") throw endedOtherwise(experiment);
  terminal.say(`${experiment.outcome_reason ?? ""}`);
  return experiment;
}

// First chapter: people talk and rate, and every few seconds a pulse asks whether there is enough to learn from.
import { figure } from "../cli/terminal/figures.ts";
import { approvalWords } from "./figures.ts";
import { type Scene, until } from "./scene.ts";

/** Waits for the pulse that finds a retrain due. Returns the id of the cycle that it began. */
export async function collect(scene: Scene): Promise<string> {
  const { terminal, operator, ledger, clock } = scene;
  terminal.heading("Collecting: people talk to the base model and rate what they get");
  const since = clock();
  const cycleId = await until(scene, 1_000, async () => {
    const { last_pulse: pulse } = await operator.status();
    const perSecond = ledger.messages / Math.max(1, (clock() - since) / 1000);
    terminal.live(
      [
        `${figure(ledger.messages)} answers (${Math.round(perSecond)} a second), ${approvalWords(ledger.approval())}`,
        pulse?.reason == null ? "" : `; pulse ${pulse.number}: ${pulse.reason}`,
      ].join(""),
    );
    return operator.newestCycle();
  });
  terminal.say(`${figure(ledger.messages)} answers, ${approvalWords(ledger.approval())}.`);
  terminal.say(`The pulse says: ${(await operator.cycle(cycleId)).reason}.`);
  return cycleId;
}

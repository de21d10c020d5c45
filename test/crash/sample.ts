// The few cells that stand for all in `npm test`: one of the nastiest for each victim.
import type { Cell, Victim } from "./matrix.ts";

export const SAMPLE: readonly (readonly [point: string, victim: Victim])[] = [
  ["submitTraining · POST /v1/fine_tuning/jobs · answered, not heard", "worker"],
  ["look that promotes · transaction look · during", "zombie"],
  ["look that promotes · transaction look · committed, not heard", "postgres"],
  ["analyse · done, not told", "temporal"],
  ["pollTraining when it is done · transaction · committed, not heard", "partition"],
  ["POST /api/feedback, in an experiment · transaction feedback · committed, not heard", "server"],
];

export function inSample({ point, victim }: Pick<Cell, "victim"> & { point: { name: string } }): boolean {
  return SAMPLE.some(([name, who]) => name === point.name && who === victim);
}

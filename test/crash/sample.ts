// The few cells that stand for all in `npm test`: one of the nastiest for each victim, each named with the life it is in.
import type { LifeKind } from "./life.ts";
import type { Cell, Point, Victim } from "./matrix.ts";
import type { Moment } from "./point.ts";

interface Sampled {
  readonly life: LifeKind;
  readonly scope: string;
  readonly step: string | null;
  readonly moment: Moment;
  readonly victim: Victim;
}

const SAMPLE: readonly Sampled[] = [
  {
    life: "automatic",
    scope: "beginExperiment",
    step: "transaction",
    moment: "committed, not heard",
    victim: "worker",
  },
  {
    life: "automatic",
    scope: "look that promotes",
    step: "transaction look",
    moment: "during",
    victim: "zombie",
  },
  {
    life: "by hand",
    scope: "POST /approve",
    step: "transaction experiments",
    moment: "committed, not heard",
    victim: "server",
  },
  {
    life: "by hand",
    scope: "look that asks",
    step: "transaction look",
    moment: "committed, not heard",
    victim: "postgres",
  },
  { life: "by hand", scope: "commandExperiment", step: null, moment: "done, not told", victim: "temporal" },
  {
    life: "cancelled",
    scope: "cancelTraining",
    step: "POST /v1/fine_tuning/jobs/{id}/cancel",
    moment: "answered, not heard",
    victim: "partition",
  },
  { life: "cancelled", scope: "POST /cycles", step: "transaction cycles", moment: "during", victim: "server" },
];

/** As cells: they need no recording, and a point that is not there any more is armed and never come to. */
export const SAMPLE_CELLS: readonly Cell[] = SAMPLE.map(({ life, scope, step, moment, victim }) => {
  const name = step === null ? `${scope} · ${moment}` : `${scope} · ${step} · ${moment}`;
  const at: Point["at"] = victim === "server" ? "server" : "worker";
  return { victim, point: { name, at, scope, step, moment, writes: step !== null, audit: null, life } };
});

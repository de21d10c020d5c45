// Third chapter: the challenger answers some users, and look after look the evidence narrows.
import { counted } from "../cli/terminal/figures.ts";
import { Fault } from "../domain/fault.ts";
import { type Experiment, type Look, readingOf } from "./answers.ts";
import { intervalLine, scaleLine } from "./bars.ts";
import { lift, points } from "./figures.ts";
import { type Scene, until } from "./scene.ts";

/** The difference of approval, in shares, that the scale of the drawn interval spans. */
const SCALE = { from: -0.3, to: 0.6 };
const WIDTH = 37;
/** Looks between two printed ones. */
const EVERY = 3;

/** Follows an experiment until it waits for approval. Throws a Fault when it ends otherwise. */
export async function prove(scene: Scene, experimentId: string): Promise<Experiment> {
  const { terminal, operator } = scene;
  terminal.heading("Proving: challenger against champion, on live traffic, users blind");
  terminal.lines([
    `            ${scaleLine(SCALE, WIDTH)}  difference of approval, with its bounds at all looks together`,
  ]);
  let printed = 0;
  return until(scene, 700, async () => {
    const experiment = await operator.experiment(experimentId);
    const last = experiment.looks.at(-1);
    const over = experiment.status !== "running";
    if (last !== undefined && last.number > printed && (over || printed === 0 || last.number >= printed + EVERY)) {
      printed = last.number;
      terminal.lines([lookLine(last)]);
    } else if (last !== undefined) terminal.live(last.verdict.reason);
    if (experiment.status === "closed") throw endedOtherwise(experiment);
    return over ? experiment : null;
  });
}

/** How an experiment ended that was to lead to a promotion. */
export function endedOtherwise({ outcome, outcome_reason: reason }: Experiment): Fault {
  return new Fault("conflict", `the experiment ended without a better champion (${outcome}): ${reason}`);
}

/** A look as a line: its number, the interval drawn, and the numbers. */
export function lookLine(look: Look): string {
  const label = `  look ${String(look.number).padStart(3)}  `;
  const reading = readingOf(look);
  if (reading === null) return `${label}${" ".repeat(WIDTH)}  ${look.verdict.reason}`;
  const { difference, lower, upper, lift: change, ratings } = reading;
  const numbers = [
    `${points(difference)} [${points(lower)}, ${points(upper)}]`,
    change === null ? "" : `lift ${lift(change)}`,
    counted(ratings.challenger, "rating"),
    look.verdict.kind,
  ];
  return `${label}${intervalLine({ lower, middle: difference, upper }, SCALE, WIDTH)}  ${numbers.filter((text) => text !== "").join("  ")}`;
}

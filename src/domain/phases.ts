// The phases of an experiment: how many of all units meet the challenger, and from when on.
import type { ExperimentParameters, RampPhase } from "./experiment.ts";

type Shares = Pick<ExperimentParameters, "ramp" | "share">;

/** The phases of an experiment; a fixed share is one phase that everybody enters. */
export function phasesOf({ ramp, share }: Shares): readonly RampPhase[] {
  return ramp ?? [{ share, entered: 1, from: 0 }];
}

/** The instant before which a phase does not open. */
export function opensFrom({ from }: RampPhase, startedAt: Date): Date {
  return new Date(startedAt.getTime() + from);
}

/** Of all units, the share that meets the challenger while so many phases are open. */
export function presentShare(parameters: Shares, phasesOpen: number): number {
  return phasesOf(parameters)[phasesOpen - 1]?.share ?? parameters.share;
}

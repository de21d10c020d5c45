// How loops, models and the shares of experiments are written in answers.
import { opensFrom, phasesOf, presentShare } from "../domain/phases.ts";
import type { Experiment } from "../store/experiment/row.ts";
import type { Loop } from "../store/loops.ts";
import type { Model } from "../store/models.ts";

export function showLoop({ name, createdAt, settingsVersion, pausedAt, settings }: Loop) {
  return { name, created_at: createdAt, settings_version: settingsVersion, paused_at: pausedAt, settings };
}

export function showModel({ trainingRunId, twinOf, createdAt, roleSince, ...same }: Model) {
  return { ...same, training_run_id: trainingRunId, twin_of: twinOf, created_at: createdAt, role_since: roleSince };
}

/** Of a model, what a status line needs. */
export function showModelBriefly({ id, name, kind, roleSince }: Model) {
  return { id, name, kind, since: roleSince };
}

/** How many of all users meet the challenger now and in the end, and by which phases. */
export function showShare({ parameters, phases_open: open, started_at: startedAt }: Experiment) {
  return {
    share: presentShare(parameters, open),
    final_share: parameters.share,
    phases: phasesOf(parameters).map((phase, index) => ({
      share: phase.share,
      from: opensFrom(phase, startedAt),
      open: index < open,
    })),
  };
}

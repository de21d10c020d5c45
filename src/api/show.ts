// How loops and models are written in answers.
import type { Loop } from "../store/loops.ts";
import type { Model } from "../store/models.ts";

export function showLoop({ name, createdAt, settingsVersion, pausedAt, settings }: Loop) {
  return { name, created_at: createdAt, settings_version: settingsVersion, paused_at: pausedAt, settings };
}

export function showModel({ trainingRunId, createdAt, roleSince, ...same }: Model) {
  return { ...same, training_run_id: trainingRunId, created_at: createdAt, role_since: roleSince };
}

/** Of a model, what a status line needs. */
export function showModelBriefly({ id, name, kind, roleSince }: Model) {
  return { id, name, kind, since: roleSince };
}

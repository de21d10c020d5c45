// What a new version of settings changes, defaults included: what is left out goes back to its default, and must not do so unseen.

export interface SettingChange {
  /** As "experiment.minDuration". */
  setting: string;
  before: unknown;
  after: unknown;
}

/** The settings that differ, by their place. */
export function settingsChanges(before: unknown, after: unknown, place = ""): SettingChange[] {
  if (isGroup(before) && isGroup(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => settingsChanges(before[key], after[key], place === "" ? key : `${place}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ setting: place, before, after }];
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

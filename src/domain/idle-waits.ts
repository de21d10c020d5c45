// What a loop that compares its champion with itself (A/A) waits for before it begins: for the pulse that would, and for who asks.

/** Days in which somebody must have rated: without that an experiment could find nothing. */
export const RECENT_DAYS = 7;

/** What is known of the loop. */
export interface IdleFacts {
  aa: boolean;
  enabled: boolean;
  paused: boolean;
  /** Thumbs of the last `RECENT_DAYS` days. */
  recentThumbs: number;
  /** Who has the slot, as "cycle/…"; null when nobody. */
  holder: string | null;
}

/** Why the next pulse does not begin one, in words that follow "it waits"; null when it does. */
export function idleWaits({ aa, enabled, paused, recentThumbs, holder }: IdleFacts): string | null {
  if (!enabled) return "for experiments to be switched on (experiment.enabled)";
  if (!aa) return 'to be asked for: "experiment": {"aa": true} in the settings';
  if (paused) return "for the loop to be resumed (ratchet loop resume)";
  if (holder !== null) return `for ${holder} to be over`;
  return recentThumbs === 0 ? `for ratings: there was none in the last ${RECENT_DAYS} days` : null;
}

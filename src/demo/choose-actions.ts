// Which actions of a corpus the demo is about: a household assistant knows about twenty, not a hundred and fifty.
import type { Utterance } from "../sandbox/corpus.ts";

/** More actions than this are too many for a short demo. */
const MOST = 24;
const CHOSEN = 20;
/** Fewer of the preferred actions than this make no assistant. */
const FEWEST_PREFERRED = 8;

/** What a household assistant is asked, as public corpora name it. */
const PREFERRED: readonly string[] = [
  "todo_list",
  "todo_list_update",
  "calendar",
  "calendar_update",
  "shopping_list",
  "shopping_list_update",
  "reminder",
  "reminder_update",
  "alarm",
  "timer",
  "weather",
  "play_music",
  "schedule_meeting",
  "meeting_schedule",
  "recipe",
  "meal_suggestion",
  "ingredients_list",
  "cook_time",
  "traffic",
  "travel_suggestion",
];

/**
 * The actions to keep: all of them up to 24; else those that a household assistant knows, where the corpus has enough of
 * these; else the 20 most frequent (by name, where two are as frequent).
 */
export function chooseActions(corpus: readonly Utterance[]): string[] {
  const frequency = new Map<string, number>();
  for (const { label } of corpus) frequency.set(label, (frequency.get(label) ?? 0) + 1);
  if (frequency.size <= MOST) return [...frequency.keys()].sort();
  const preferred = PREFERRED.filter((label) => frequency.has(label));
  if (preferred.length >= FEWEST_PREFERRED) return preferred.sort();
  return [...frequency]
    .sort(([left, most], [right, other]) => other - most || (left < right ? -1 : 1))
    .slice(0, CHOSEN)
    .map(([label]) => label)
    .sort();
}

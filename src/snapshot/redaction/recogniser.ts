// The port that every kind of personal data is recognised through, so that a new kind is a new file and nothing else.

/** One stretch of text that holds personal data. Offsets are UTF-16 units, `end` exclusive. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  /** The same for two spellings of the same thing: decides which numbered placeholder it gets, never shown. */
  readonly key: string;
  /** The domain it belongs to, in lower case, where it has one: lets a loop's own domains stay. */
  readonly domain?: string;
}

/**
 * Finds one type of personal data. `find` returns findings in order of `start`, none overlapping another of its own,
 * and does work linear in the text's length, whatever the text is.
 */
export interface Recogniser {
  /** Capital letters: it becomes the placeholder, as in [EMAIL_1]. */
  readonly type: string;
  find(text: string): Finding[];
}

// Finds what the assistant keeps getting wrong: prompts rated down again and again, near-copies counted together.

/** An interaction with a thumb down. */
export interface FailedPrompt {
  readonly interactionId: string;
  readonly at: Date;
  /** What the person said last. */
  readonly prompt: string;
  readonly actionType: string | null;
}

export interface FailurePattern {
  /** What its members have in common; stable from look to look. */
  readonly key: string;
  /** The newest wording. */
  readonly prompt: string;
  readonly count: number;
  readonly actionTypes: readonly string[];
  /** How many fell into the window before `asOf` and into the one before that, and what that means. */
  readonly trend: {
    readonly recent: number;
    readonly before: number;
    readonly direction: "rising" | "steady" | "falling";
  };
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** The newest interactions, at most five. */
  readonly examples: readonly string[];
}

export interface PatternOptions {
  readonly asOf: Date;
  /** Length of each of the trend's two windows in milliseconds; 7 days unless told. */
  readonly window?: number;
  /** "More than twice" and "top 20" unless told. */
  readonly atLeast?: number;
  readonly top?: number;
}

const WEEK = 604_800_000;
const EXAMPLES = 5;
/** What people add to a request without changing it. */
const POLITE = new Set(
  "a an the please pls kindly hi hello hey thanks thank you can could would will me my i to".split(" "),
);
/** Longer prompts are compared by their beginning. */
const COMPARED = 2_000;

/**
 * The most frequent patterns first, then those seen last. An interaction counts once however many people rated it down;
 * a prompt without a letter or digit belongs to none.
 */
export function failurePatterns(failed: Iterable<FailedPrompt>, options: PatternOptions): FailurePattern[] {
  const distinct = new Map<string, FailedPrompt>();
  for (const one of failed) distinct.set(one.interactionId, one);
  const groups = Map.groupBy(distinct.values(), (one) => patternKey(one.prompt));
  groups.delete("");
  return [...groups]
    .filter(([, members]) => members.length >= (options.atLeast ?? 3))
    .map(([key, members]) => describe(key, members, options))
    .sort((a, b) => b.count - a.count || b.lastAt.getTime() - a.lastAt.getTime() || (a.key < b.key ? -1 : 1))
    .slice(0, options.top ?? 20);
}

/**
 * What near-copies share: the prompt's words in lower case, without punctuation, polite words and repetition, each number
 * as 0, in alphabetical order. "Remind me at 5 to call Mum!" and "call mum, remind me at 10 please" share theirs.
 */
export function patternKey(prompt: string): string {
  const words =
    prompt
      .slice(0, COMPARED)
      .normalize("NFKC")
      .toLowerCase()
      .replace(/['’]/g, "")
      .replace(/\p{N}+/gu, "0")
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !POLITE.has(word));
  return [...new Set(telling.length > 0 ? telling : words)].sort().join(" ");
}

function describe(key: string, members: readonly FailedPrompt[], options: PatternOptions): FailurePattern {
  const newest = members.toSorted(
    (a, b) => b.at.getTime() - a.at.getTime() || (a.interactionId < b.interactionId ? 1 : -1),
  );
  const window = options.window ?? WEEK;
  const age = (one: FailedPrompt) => options.asOf.getTime() - one.at.getTime();
  const recent = newest.filter((one) => age(one) < window).length;
  const before = newest.filter((one) => age(one) >= window && age(one) < 2 * window).length;
  const actions = newest.map((one) => one.actionType).filter((action) => action !== null);
  const [first] = newest;
  const last = newest.at(-1);
  if (first === undefined || last === undefined) throw new RangeError("a pattern has at least one member");
  return {
    key,
    prompt: first.prompt,
    count: newest.length,
    actionTypes: [...new Set(actions)].sort(),
    trend: { recent, before, direction: recent > before ? "rising" : recent < before ? "falling" : "steady" },
    firstAt: last.at,
    lastAt: first.at,
    examples: newest.slice(0, EXAMPLES).map((one) => one.interactionId),
  };
}

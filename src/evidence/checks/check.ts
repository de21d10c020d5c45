// A condition on promotion that is watched during the experiment: what was found, and what it does to the verdict.

export interface Check {
  /** Stable, for lists and programs: "sample ratio", "guardrail: error". */
  name: string;
  passed: boolean;
  /**
   * What a person is told in place of "passed" or "not passed", where neither is the whole truth. "not checked": there was nothing to check
   * by, and nothing is held against the challenger. "not asked": the question does not arise. "not shown yet": nothing is wrong, and more
   * answers will tell; until then it does what `acts` says.
   */
  told?: "not checked" | "not asked" | "not shown yet";
  /**
   * What it does when it has not passed. `blocks`: no promotion. `holds`: no promotion, and no stop as futile either, since the
   * comparison itself is in doubt. `rejects`: harm is proven, the challenger leaves. `asks`: a person must agree to a promotion.
   */
  acts: "blocks" | "holds" | "rejects" | "asks";
  /** Something is wrong that a person should look into, whatever the verdict comes to. */
  alarm: boolean;
  /** What was found, and when it has not passed, where to look; for a person. */
  words: string;
  /** The numbers behind it; each is finite. */
  numbers: Readonly<Record<string, number | null>>;
}

/** Whether a check found the comparison itself in doubt: then more ratings prove nothing, and nobody can say when there is a verdict. */
export function inDoubt({ passed, alarm, acts }: Pick<Check, "passed" | "alarm" | "acts">): boolean {
  return !passed && alarm && acts !== "asks";
}

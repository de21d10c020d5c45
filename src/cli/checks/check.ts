// One thing that doctor looked at, and what to do when it is wrong.

export interface Check {
  readonly name: string;
  /** Good, wrong, or not in use here. */
  readonly state: "good" | "wrong" | "unused";
  readonly says: string;
  /** What to do; null when nothing needs doing. */
  readonly hint: string | null;
}

export const good = (name: string, says: string): Check => ({ name, state: "good", says, hint: null });
export const unused = (name: string, says: string): Check => ({ name, state: "unused", says, hint: null });
export const wrong = (name: string, says: string, hint: string): Check => ({ name, state: "wrong", says, hint });

// What checks are called in a sentence.

import { namesOf } from "./figures.ts";

/** "the check of changes", "the guardrail of quality and the check of exposure". */
export function namedInSum(checks: readonly { name: string }[]): string {
  const names = checks.map(({ name }) =>
    name.startsWith(GUARDRAIL)
      ? `the guardrail of ${namesOf(name.slice(GUARDRAIL.length)).name}`
      : `the check of ${name}`,
  );
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

const GUARDRAIL = "guardrail: ";

// Says in words what is wrong with what came in, and where.
import type { z } from "zod";
import { Fault } from "../domain/fault.ts";

export interface InputFault {
  /** As `[3].value` or `messages[0].role`; "" for the whole. */
  place: string;
  message: string;
}

type Issue = z.core.$ZodIssue;

const SHOWN = 20;

/** One entry per fault; what the caller wrote is never repeated, only where it stands. */
export function describeIssue(issue: Issue): InputFault[] {
  const place = placeOf(issue.path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ place: placeOf([...issue.path, key]), message: "is not a known field" }));
  if (isMissing(issue)) return [{ place, message: "is missing" }];
  if (issue.code === "invalid_union") {
    const expected = issue.errors.flatMap((errors) => errors.map(expectation)).filter((words) => words !== null);
    return [
      {
        place,
        message:
          expected.length === 0
            ? "has none of the forms allowed here"
            : `must be ${[...new Set(expected)].join(" or ")}`,
      },
    ];
  }
  const expected = expectation(issue);
  return [{ place, message: expected === null ? issue.message : `must be ${expected}` }];
}

/** A Fault `invalid` for what did not parse. `what` is "the body" or "the query". */
export function inputFault(error: { readonly issues: readonly Issue[] }, what: string): Fault {
  const faults = error.issues.flatMap(describeIssue);
  const words = faults.slice(0, SHOWN).map(({ place, message }) => (place === "" ? message : `"${place}" ${message}`));
  const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more`] : [];
  return new Fault("invalid", `${what} is not valid: ${[...words, ...more].join("; ")}`, {
    hint: "correct this and send it again; nothing was changed",
    details: { faults: faults.slice(0, SHOWN) },
  });
}

function expectation(issue: Issue): string | null {
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) return article(issue.expected);
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value)).join(" or ");
  return null;
}

function article(type: string): string {
  if (type === "string") return "a text";
  if (type === "array") return "a list";
  if (type === "null") return "null";
  if (type === "record") return "an object";
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function isMissing(issue: Issue): boolean {
  if (issue.code === "invalid_union") return issue.errors.some((errors) => errors.some(isMissing));
  return issue.code === "invalid_type" && issue.message.endsWith("received undefined");
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((place, step) => {
    if (typeof step === "number") return `${place}[${step}]`;
    return place === "" ? String(step) : `${place}.${String(step)}`;
  }, "");
}

// Splits rows into training and validation so that no person, and no conversation, stands on both sides.
import { createHash } from "node:crypto";
import type { Ledger } from "../ledger.ts";

export const TRAINING = 1;
export const VALIDATION = 2;

/** Trainers of OpenAI's protocol refuse a file of fewer, and fewer say nothing about a model. */
const LEAST_IN_A_FILE = 10;

/**
 * The side of each row, by its index; 0 for rows that are neither in `rows` nor in `beside`, which stand where their people
 * stand and decide nothing. Rows that share a person or a conversation, directly or
 * through others, go to one side by a hash with the seed: the same person stays there from snapshot to snapshot.
 * `validationShare` is from 0 to 1, of people. Where chance leaves fewer than ten examples on a side, all train instead.
 */
export function sidesOf(
  ledger: Ledger,
  rows: Uint32Array,
  beside: Uint32Array,
  validationShare: number,
  seed: string,
): Uint8Array {
  const componentOf = componentsOf(ledger, [rows, beside]);
  const known = new Map<string, number>();
  const sides = new Uint8Array(ledger.length);
  const sideOf = (row: number): number => {
    const name = componentOf(row);
    const side = known.get(name) ?? (point(name, seed) < validationShare ? VALIDATION : TRAINING);
    known.set(name, side);
    sides[row] = side;
    return side;
  };
  let validating = 0;
  for (const row of rows) if (sideOf(row) === VALIDATION) validating += 1;
  for (const row of beside) sideOf(row);
  if (Math.min(validating, rows.length - validating) >= LEAST_IN_A_FILE) return sides;
  for (const some of [rows, beside]) for (const row of some) sides[row] = TRAINING;
  return sides;
}

/** A name for the component of a row: the person in it with the largest number (a conversation where nobody is known), else the row itself. */
function componentsOf(ledger: Ledger, sets: readonly Uint32Array[]): (row: number) => string {
  const parents = new Map<number, number>();
  const root = (key: number): number => {
    let at = key;
    for (let up = parents.get(at); up !== undefined; up = parents.get(at)) {
      const above = parents.get(up);
      if (above !== undefined) parents.set(at, above);
      at = up;
    }
    return at;
  };
  const keysOf = (row: number): [unit: number, conversation: number] => [
    ledger.unit(row),
    // Negative: a conversation is never mistaken for a person.
    -ledger.conversation(row),
  ];
  for (const rows of sets)
    for (const row of rows) {
      const [unit, conversation] = keysOf(row);
      if (unit === 0 || conversation === 0) continue;
      const [one, other] = [root(unit), root(conversation)];
      if (one !== other) parents.set(Math.min(one, other), Math.max(one, other));
    }
  return (row) => {
    const [unit, conversation] = keysOf(row);
    if (unit === 0 && conversation === 0) return `interaction:${ledger.id(row)}`;
    return `group:${root(unit === 0 ? conversation : unit)}`;
  };
}

/** A point in [0, 1) that depends on nothing but the group and the seed: 48 bits of SHA-256. */
function point(group: string, seed: string): number {
  return createHash("sha256").update(`${seed}\n${group}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

// What users say next: everything there is once, in a random order, then all of it again in another.
import { shuffled } from "../sandbox/seeded-random.ts";

/** Draws without putting back until the pool is used up. The pool must not be empty. */
export function* repertoire<Item>(pool: readonly Item[], random: () => number): Generator<Item, never> {
  for (;;) yield* shuffled(pool, random);
}

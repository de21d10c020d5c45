// Where texts wait while their rows are chosen by their facts: written once, in order, and read back by place.
import type { Place } from "./ledger.ts";

export interface Scratch {
  /** Adds a text and says where it is, in bytes. */
  append(text: string): Place;
  /** The texts at these places, in the order given. */
  read(places: readonly Place[]): Promise<string[]>;
}

// Where texts wait while their rows are chosen by their facts: written once, in order, and read back by place.
import type { Place } from "./ledger.ts";

export interface Scratch {
  /** Adds a text and says where it is, in bytes. */
  append(text: string): Place;
  /** To be waited for now and then: what was added is taken out of memory. */
  flush(): Promise<void>;
  /** The texts at these places, in the order given. */
  read(places: readonly Place[]): Promise<string[]>;
}

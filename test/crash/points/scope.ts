// What goes on in this process right now: which activity or request a transaction or a call belongs to.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Go, Moment } from "../point.ts";
import { ask } from "./ask.ts";

const NOTHING = { writes: [], audit: null } as const;
const storage = new AsyncLocalStorage<Scope>();
let scopes = 0;

/** The activity or request that this code runs for, or undefined. */
export const currentScope = () => storage.getStore();

/** One run of an activity, or one request. */
export class Scope {
  readonly loop: string;
  readonly #id = ++scopes;
  readonly #steps = new Map<string, number>();
  #name: string;

  constructor(name: string, loop: string) {
    this.#name = name;
    this.loop = loop;
  }

  /** A name of a step that is its own in this scope: the second of a kind is numbered. */
  step(kind: string): string {
    const count = (this.#steps.get(kind) ?? 0) + 1;
    this.#steps.set(kind, count);
    return count === 1 ? kind : `${kind} ${count}`;
  }

  /** Comes to a point, and halts there until told to go on. */
  async pass(
    step: string | null,
    moment: Moment,
    more: { writes: readonly string[]; audit: string | null } | { input: unknown } = NOTHING,
  ): Promise<Go> {
    const go = await ask({ scopeId: this.#id, scope: this.#name, loop: this.loop, step, moment, ...NOTHING, ...more });
    if (go.as !== undefined) this.#name = go.as;
    return go;
  }

  run<T>(work: () => T): T {
    return storage.run(this, work);
  }
}

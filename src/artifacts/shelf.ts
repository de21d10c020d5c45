// Where bytes stand under a name: all that a kind of store must be able to do to keep artifacts.
import type { Readable } from "node:stream";

export interface Shelf {
  /**
   * Puts what the stream gives under the name, in place of what stood there. Nothing is seen under the name before the stream
   * has ended well; when it fails, or the signal is aborted, all is as before. The stream is destroyed in any case.
   */
  put(name: string, bytes: Readable, signal?: AbortSignal): Promise<void>;
  /** What stands under the name, from its first byte; null when nothing does. Whoever opened it destroys it. */
  open(name: string, signal?: AbortSignal): Promise<Readable | null>;
  has(name: string): Promise<boolean>;
  /** Harmless when nothing stands there. */
  delete(name: string): Promise<void>;
  /** Throws a Fault `unavailable` that says what to do. */
  check(): Promise<void>;
}

// Counts what the server was asked and did since its start, for tests and for the curious.
import type { Route } from "./fault-document.ts";

type Work = "jobsCreated" | "filesCreated" | "modelsTrained";
type Tokens = "prompt" | "completion" | "embedding" | "trained";

export class Tally {
  readonly #requests: Partial<Record<Route, number>> = {};
  readonly #handled: Partial<Record<Route, number>> = {};
  readonly #work: Record<Work, number> = { jobsCreated: 0, filesCreated: 0, modelsTrained: 0 };
  readonly #tokens: Record<Tokens, number> = { prompt: 0, completion: 0, embedding: 0, trained: 0 };

  /** A request that came in, whatever became of it. */
  request(route: Route): void {
    this.#requests[route] = (this.#requests[route] ?? 0) + 1;
  }

  /** A request that no fault kept from its route. */
  handled(route: Route): void {
    this.#handled[route] = (this.#handled[route] ?? 0) + 1;
  }

  did(work: Work): void {
    this.#work[work]++;
  }

  tokens(of: Tokens, count: number): void {
    this.#tokens[of] += count;
  }

  snapshot() {
    return {
      requests: { ...this.#requests },
      handled: { ...this.#handled },
      ...this.#work,
      tokens: { ...this.#tokens },
    };
  }
}

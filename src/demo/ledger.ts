// What the application knows of its traffic: when something was asked, which action was answered, how it was rated.

export interface Rated {
  /** When the user asked, in milliseconds. */
  readonly askedAt: number;
  readonly action: string;
  readonly up: boolean;
}

export interface Approval {
  readonly ratings: number;
  /** Share of thumbs up; null of nothing. */
  readonly share: number | null;
}

export class Ledger {
  readonly #rated: Rated[] = [];
  /** Messages that were answered. */
  messages = 0;
  /** Requests that failed. */
  failures = 0;

  add(rating: Rated): void {
    this.#rated.push(rating);
  }

  /** Ratings that were acknowledged. */
  get ratings(): number {
    return this.#rated.length;
  }

  /** Approval of what was asked from `from` on and before `to`. */
  approval({ from = 0, to = Number.POSITIVE_INFINITY }: { from?: number; to?: number } = {}): Approval {
    return approvalOf(this.#between(from, to));
  }

  /** The same by the action that was answered, by name. */
  byAction({ from = 0, to = Number.POSITIVE_INFINITY }: { from?: number; to?: number } = {}): Map<string, Approval> {
    const grouped = Map.groupBy(this.#between(from, to), ({ action }) => action);
    return new Map(
      [...grouped]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([action, rated]) => [action, approvalOf(rated)]),
    );
  }

  #between(from: number, to: number): Rated[] {
    return this.#rated.filter(({ askedAt }) => askedAt >= from && askedAt < to);
  }
}

function approvalOf(rated: readonly Rated[]): Approval {
  return {
    ratings: rated.length,
    share: rated.length === 0 ? null : rated.filter(({ up }) => up).length / rated.length,
  };
}

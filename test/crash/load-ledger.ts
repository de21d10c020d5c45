// What was sent, and what its sender was told: the only things that the proof may hold against the database.
import type { Attempt } from "./load-request.ts";

/** A chat request, recorded by the gateway; an interaction that an application sends; a rating. */
export type Kind = "chat" | "interaction" | "rating";

export interface Sent {
  readonly kind: Kind;
  /** A chat's conversation, an interaction's id, or a rating's event: unique, and on record with what came of it. */
  readonly id: string;
  /** A rating's value. */
  readonly value: 1 | -1 | null;
  readonly attempts: Attempt[];
  /** Our id, as the first good answer told it. */
  acknowledged: string | null;
}

const GOOD: Record<Kind, number> = { chat: 200, interaction: 201, rating: 202 };

export class Ledger {
  readonly sent: Sent[] = [];
  /** What answers alone showed to be wrong. */
  readonly faults: string[] = [];

  /** Opens an entry; its attempts follow. */
  open(kind: Kind, id: string, value: Sent["value"] = null): Sent {
    const entry: Sent = { kind, id, value, attempts: [], acknowledged: null };
    this.sent.push(entry);
    return entry;
  }

  /** Notes an attempt. Two good answers to one thing must name the same id: otherwise it is there twice. */
  note(entry: Sent, attempt: Attempt): void {
    entry.attempts.push(attempt);
    if (attempt.status !== GOOD[entry.kind]) return;
    const id = entry.kind === "chat" ? String(attempt.headers["x-ratchet-interaction-id"]) : String(attempt.body?.id);
    if (entry.acknowledged !== null && entry.acknowledged !== id)
      this.faults.push(`${entry.kind} ${entry.id} was acknowledged as ${entry.acknowledged}, and then as ${id}`);
    entry.acknowledged ??= id;
  }

  of(kind: Kind): Sent[] {
    return this.sent.filter((entry) => entry.kind === kind);
  }
}

/** Figures of one kind, for people. Latencies in milliseconds, of acknowledged attempts. */
export interface Figures {
  sent: number;
  attempts: number;
  acknowledged: number;
  /** Attempts that were not acknowledged, by status or error. */
  refused: Record<string, number>;
  p50: number;
  p99: number;
}

export function figuresOf(entries: readonly Sent[]): Figures {
  const attempts = entries.flatMap((entry) => entry.attempts);
  const good = attempts.filter(({ status }) => status !== null && status < 300);
  const took = good.map(({ sentAt, endedAt }) => endedAt - sentAt).sort((left, right) => left - right);
  const refused: Record<string, number> = {};
  for (const { status, error } of attempts)
    if (status === null || status >= 300) {
      const why = String(status ?? error);
      refused[why] = (refused[why] ?? 0) + 1;
    }
  const quantile = (share: number) => Math.round(took[Math.floor(share * (took.length - 1))] ?? Number.NaN);
  return {
    sent: entries.length,
    attempts: attempts.length,
    acknowledged: entries.filter((entry) => entry.acknowledged !== null).length,
    refused,
    p50: quantile(0.5),
    p99: quantile(0.99),
  };
}

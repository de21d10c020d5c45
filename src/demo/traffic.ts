// Simulated users at work: some of them at once, at a steady pace, until they are told to go home.
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../domain/fault.ts";
import type { Utterance } from "../sandbox/corpus.ts";
import type { Application } from "./application.ts";
import type { Ledger } from "./ledger.ts";
import { repertoire } from "./repertoire.ts";
import { opinion, type SimulatedUser, visitLength, visitor } from "./simulated-user.ts";

export interface Pace {
  /** How many requests may be open. */
  readonly atOnce: number;
  /** Messages a second, where the gateway keeps up. */
  readonly perSecond: number;
}

/** More than one machine's gateway answers; less would make the story long. */
export const PACE: Pace = { atOnce: 12, perSecond: 150 };

/** Who is not answered comes again after this, in milliseconds. */
const TRY_AGAIN = 500;
/** No answer for so long is no accident, and no restart either. */
const SILENCE = 30_000;

export interface Traffic {
  /** Rejects when nothing is answered any more; never resolves. */
  readonly broken: Promise<never>;
  /** Sends no more, and waits for what is open. */
  stop(): Promise<void>;
}

export interface TrafficOptions {
  readonly application: Application;
  readonly users: readonly SimulatedUser[];
  readonly pool: readonly Utterance[];
  readonly ledger: Ledger;
  readonly pace: Pace;
  readonly random: () => number;
  readonly clock: () => number;
}

/** Lets users come until `stop`. What a user means is known here alone: the server never sees a label. */
export function startTraffic({ application, users, pool, ledger, pace, random, clock }: TrafficOptions): Traffic {
  let open = true;
  let answeredAt = clock();
  let nextAt = clock();
  const sayings = repertoire(pool, random);
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined); // whoever waits hears of it; nobody need wait

  async function comeBack(): Promise<void> {
    while (open) {
      const user = visitor(users, random);
      for (let left = visitLength(random); left > 0 && open; left--) {
        await turn();
        if (open) await talk(user, sayings.next().value);
      }
    }
  }

  /** Waits for this message's place in the pace. A pause is not made good by a rush. */
  async function turn(): Promise<void> {
    const place = Math.max(nextAt, clock() - 1_000);
    nextAt = place + 1_000 / pace.perSecond;
    const wait = place - clock();
    if (wait > 1) await sleep(wait);
  }

  async function talk(user: SimulatedUser, { text, label }: Utterance): Promise<void> {
    const askedAt = clock();
    try {
      const { interactionId, action } = await application.say(text, { user: user.id });
      ledger.messages++;
      const value = opinion(user, label, action, random);
      if (value !== null) {
        await application.rate(interactionId, user.id, value);
        ledger.add({ askedAt, action: action ?? "none", up: value > 0 });
      }
      answeredAt = clock();
    } catch (error) {
      ledger.failures++;
      if (clock() - answeredAt > SILENCE) {
        open = false;
        broken.reject(
          new Fault(
            "upstream",
            `nothing was answered for ${SILENCE / 1000} seconds; the last refusal: ${(error as Error).message}`,
            { cause: error },
          ),
        );
      } else if (open) await sleep(TRY_AGAIN);
    }
  }

  const visitors = Promise.all(Array.from({ length: pace.atOnce }, comeBack));
  return {
    broken: broken.promise,
    async stop() {
      open = false;
      await visitors;
    },
  };
}

// An application under way: chat requests, records of its own calls, and ratings, each at its time whether or not the ones
// before were answered (an open loop: a server that stands still does not slow its callers down).
import { setTimeout as sleep } from "node:timers/promises";
import { generateCorpus, type Utterance } from "../../src/sandbox/corpus.ts";
import { pick, seededRandom } from "../../src/sandbox/seeded-random.ts";
import type { Kind, Ledger, Sent } from "./load-ledger.ts";
import type { Attempt, Outgoing } from "./load-request.ts";

export interface TrafficOptions {
  readonly loop: string;
  readonly key: string;
  readonly seconds: number;
  /** Chats and interactions together, half each. */
  readonly requestsPerSecond: number;
  readonly ratingsPerSecond: number;
  readonly seed: number;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
  /** Brings one request to a server. */
  readonly deliver: (outgoing: Outgoing, kind: Kind) => Promise<Attempt>;
}

const TICK_MS = 10;
const USERS = 1_000;
/** Of the ratings: about an interaction that is on its way, and may arrive before it. */
const EARLY = 0.1;
/** Of the ratings: delivered a second time although the first was acknowledged. */
const REPEATED = 0.05;
/** Of what was not acknowledged and has an id of its sender's: sent again until it is. The rest is given up. */
const RESENT = 0.5;
const RESEND_AFTER_MS = 500;
const MOST_ATTEMPTS = 100;
const REMEMBERED = 5_000;

/** Sends for as long as told, and returns when everything has its answer or was given up. */
export async function sendTraffic(ledger: Ledger, options: TrafficOptions): Promise<void> {
  const { loop, key, deliver } = options;
  const random = seededRandom(options.seed);
  const corpus: readonly Utterance[] = generateCorpus({ seed: 11, perAction: 50 });
  const rateable: { id: string; user: string }[] = []; // acknowledged ones, by our id or their own
  const promised: { id: string; user: string }[] = []; // rated already, sent next
  const delivered: { entry: Sent; outgoing: Outgoing }[] = [];
  const underway = new Set<Promise<void>>();
  let number = 0;

  async function carry(entry: Sent, outgoing: Outgoing, then: (id: string) => void): Promise<void> {
    const insists = entry.kind !== "chat" && random() < RESENT;
    do {
      ledger.note(entry, await deliver(outgoing, entry.kind));
      if (entry.acknowledged !== null) return then(entry.acknowledged);
      if (insists) await sleep(RESEND_AFTER_MS);
    } while (insists && entry.attempts.length < MOST_ATTEMPTS);
  }
  const begin = (work: Promise<void>) => {
    underway.add(work);
    void work.finally(() => underway.delete(work));
  };
  const remember = (id: string, user: string) => {
    rateable.push({ id, user });
    if (rateable.length > REMEMBERED) rateable.shift();
  };
  const someone = () => `user-${Math.floor(random() * USERS)}`;

  function chat(): void {
    const user = someone();
    const id = `talk-${++number}`;
    const outgoing = {
      path: "/v1/chat/completions",
      key,
      headers: { "x-ratchet-conversation-id": id },
      body: { model: loop, user, messages: [{ role: "user", content: pick(corpus, random).text }] },
    };
    begin(carry(ledger.open("chat", id), outgoing, (ours) => remember(ours, user)));
  }

  function interaction(): void {
    const { id, user } = promised.shift() ?? { id: `call-${++number}`, user: someone() };
    const said = pick(corpus, random);
    const body = {
      id,
      user_id: user,
      messages: [{ role: "user", content: said.text }],
      response: JSON.stringify({ action: said.label, reply: "ok" }),
      action_type: said.label,
      metadata: { sent_as: id },
    };
    const outgoing = { path: `/api/interactions?loop=${loop}`, key, body };
    begin(carry(ledger.open("interaction", id), outgoing, () => remember(id, user)));
  }

  function rating(): void {
    const chance = random();
    if (chance < REPEATED && delivered.length > 0) {
      const again = pick(delivered, random);
      begin(carry(again.entry, again.outgoing, () => {}));
      return;
    }
    const early = chance > 1 - EARLY || rateable.length === 0;
    const about = early ? { id: `call-${++number}`, user: someone() } : pick(rateable, random);
    if (early) promised.push(about);
    const value = random() < 0.8 ? 1 : -1;
    const event = `event-${++number}`;
    const body = { interaction_id: about.id, user_id: about.user, value, event_id: event };
    const outgoing = { path: `/api/feedback?loop=${loop}`, key, body };
    const entry = ledger.open("rating", event, value);
    begin(carry(entry, outgoing, () => void delivered.push({ entry, outgoing })));
  }

  const began = performance.now();
  const sent = { requests: 0, ratings: 0 };
  for (;;) {
    const seconds = (performance.now() - began) / 1000;
    const until = Math.min(seconds, options.seconds);
    for (; sent.requests < until * options.requestsPerSecond; sent.requests++)
      if (promised.length > 0 || random() < 0.5) interaction();
      else chat();
    for (; sent.ratings < until * options.ratingsPerSecond; sent.ratings++) rating();
    if (seconds >= options.seconds || options.signal?.aborted === true) break;
    await sleep(TICK_MS);
  }
  while (promised.length > 0) interaction();
  while (underway.size > 0) await Promise.all(underway);
}

// Who meets which model: a pure function of the routing document and the unit, the same in gateway, SDK and browser.
//
// What must stay true:
// 1. Two hash points per unit: `u` picks the side and never changes; `e` picks when the unit enters.
// 2. A ramp only adds to `entered`, so that it enters units on both sides alike, and nobody changes sides or leaves.
// 3. A test account has the side that it was given, and never counts.
// 4. This file imports nothing and looks nothing up. docs/assignment-vectors.json pins every bit of it for ports.

/** What routing knows of a model. */
export interface ModelName {
  id: string;
  name: string;
}

/** An account of the operator's own, named by its two points under the experiment's salt, which do not say whose they are. */
export interface TestAccount {
  u: number;
  e: number;
  /** The side that it meets in the experiment, wherever `u` lies, entered or not. In probation it has the champion, like most. */
  variant: "champion" | "challenger";
}

export interface ExperimentRouting {
  id: string;
  challenger: ModelName;
  salt: string;
  /** The final share: `u < share` is the challenger's side, through every phase of a ramp. */
  share: number;
  /**
   * One number for each phase opened so far, never falling: units with `e` below the last one count, and a unit's stratum is the
   * first phase that lets it in. A fixed share is `[1]`. Opening the next phase appends; a pause appends nothing.
   */
  entered: readonly number[];
  /** Left out when there are none. */
  test_accounts?: readonly TestAccount[];
  /** ISO 8601. From then on the challenger is not served and nothing counts; every look renews it. */
  serve_until: string;
}

export interface ProbationRouting {
  /** The experiment that the champion came from. */
  id: string;
  /** The experiment's own salt, so that those who met the challenger (low `u`) are the last to be held back. */
  salt: string;
  standby: ModelName;
  /** `u >= 1 - holdback` keeps the standby. At most 1 - share. */
  holdback: number;
  test_accounts?: readonly TestAccount[];
}

export interface RoutingDocument {
  loop: string;
  version: number;
  /** ISO 8601. From then on everybody has the champion and nothing counts. */
  expires_at: string;
  champion: ModelName;
  /** At most one of the two is set: a loop has one slot. */
  experiment: ExperimentRouting | null;
  probation: ProbationRouting | null;
}

export interface Assignment {
  model: ModelName;
  variant: "champion" | "challenger" | "standby";
  /** The experiment in which the unit counts; null together with `phase` and `stratum` when it counts in none. */
  experiment: string | null;
  phase: "experiment" | "probation" | null;
  /** Index into `entered` of the phase that let the unit in; 0 in probation. */
  stratum: number | null;
}

/**
 * The model that a unit has, and whether it counts. A null unit has the champion and is in no experiment.
 * `now` is a Date or milliseconds; a date in the document that does not parse is taken as past, which means the champion.
 */
export function assign(routing: RoutingDocument, unit: string | null, now: Date | number): Assignment {
  const { experiment, probation, champion } = routing;
  const at = Number(now);
  if (unit !== null && at < instant(routing.expires_at)) {
    if (experiment !== null && at < instant(experiment.serve_until)) {
      const { u, e } = hashPoints(experiment.salt, unit);
      const given = testAccount(experiment.test_accounts, u, e)?.variant;
      if (given !== undefined) return uncounted(given === "challenger" ? experiment.challenger : champion, given);
      const stratum = experiment.entered.findIndex((entered) => e < entered);
      if (stratum >= 0) {
        const variant = u < experiment.share ? "challenger" : "champion";
        const model = variant === "challenger" ? experiment.challenger : champion;
        return { model, variant, experiment: experiment.id, phase: "experiment", stratum };
      }
    } else if (probation !== null) {
      const { u, e } = hashPoints(probation.salt, unit);
      if (testAccount(probation.test_accounts, u, e) !== undefined) return uncounted(champion, "champion");
      const variant = u >= 1 - probation.holdback ? "standby" : "champion";
      const model = variant === "standby" ? probation.standby : champion;
      return { model, variant, experiment: probation.id, phase: "probation", stratum: 0 };
    }
  }
  return uncounted(champion, "champion");
}

function uncounted(model: ModelName, variant: Assignment["variant"]): Assignment {
  return { model, variant, experiment: null, phase: null, stratum: null };
}

function testAccount(accounts: readonly TestAccount[] | undefined, u: number, e: number): TestAccount | undefined {
  return accounts?.find((account) => account.u === u && account.e === e);
}

/** The name of whom an assignment sticks to: the user, else the conversation, else null. An empty id is none. */
export function unitOf(who: { user?: string | null; conversation?: string | null }): string | null {
  if (who.user) return `user:${who.user}`;
  if (who.conversation) return `conversation:${who.conversation}`;
  return null;
}

/**
 * Two independent numbers in [0, 1) for a salt and a unit: MurmurHash3 (x86, 32 bits) of the UTF-8 bytes of `<salt>/<unit>`, divided
 * by 2^32, with seed 0 for the side `u` and seed 0x9e3779b9 for the entry `e`. A lone surrogate counts as U+FFFD.
 */
export function hashPoints(salt: string, unit: string): { u: number; e: number } {
  const text = `${salt}/${unit}`;
  if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 6);
  const { written } = encoder.encodeInto(text, scratch);
  return { u: murmur3(scratch, written, 0) / 4294967296, e: murmur3(scratch, written, 0x9e3779b9) / 4294967296 };
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(1024); // never read before it is written in the same call

/** Austin Appleby's MurmurHash3_x86_32 (public domain) of the first `length` bytes; an unsigned 32-bit integer. */
export function murmur3(bytes: Uint8Array, length: number, seed: number): number {
  const whole = length & ~3;
  let hash = seed;
  for (let at = 0; at < whole; at += 4) {
    hash ^= scrambled(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0; // with no bytes left it scrambles to 0
  for (let at = length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at]!;
  hash ^= scrambled(tail) ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

// Parsing two dates would cost more than both hashes; a document's dates are asked for thousands of times.
const instants = new Map<string, number>();

function instant(iso: string): number {
  let at = instants.get(iso);
  if (at === undefined) {
    at = Date.parse(iso);
    if (instants.size >= 256) instants.clear();
    instants.set(iso, at);
  }
  return at;
}

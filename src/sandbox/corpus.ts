// Our own corpus of what people ask a household assistant, made from the phrasebook, so that nothing has to be downloaded.
import { type Phrasings, phrasebook } from "./phrasebook.ts";
import { pick, pickEarly, seededRandom, shuffled } from "./seeded-random.ts";
import { closings, openings, slots } from "./vocabulary.ts";

/** A text and the action it asks for. */
export interface Utterance {
  readonly text: string;
  readonly label: string;
}

/** The actions that the generated corpus speaks of. */
export const actions: readonly string[] = Object.keys(phrasebook);

const before = openings.split("|");
const after = closings.split("|");
const fillers = Object.fromEntries(Object.entries(slots).map(([name, list]) => [name, list.split("|")]));

const SHARE_OF_ORDERS = 0.7;
const SHARE_WITH_OPENING = 0.45;
const SHARE_WITH_CLOSING = 0.25;
const FRUITLESS_DRAWS = 2_000; // in a row; then the phrasebook counts as used up

/**
 * Distinct utterances (no text twice, whatever its label), `perAction` of each action, shuffled; 16 × 500 = 8,000 by default.
 * The same seed gives the same corpus. Throws a RangeError when the phrasebook has not that many different ones.
 */
export function generateCorpus({ seed = 1, perAction = 500 }: { seed?: number; perAction?: number } = {}): Utterance[] {
  const random = seededRandom(seed);
  const taken = new Set<string>();
  const corpus: Utterance[] = [];
  for (const [label, phrasings] of Object.entries(phrasebook)) {
    let fruitless = 0;
    for (let made = 0; made < perAction; ) {
      const text = utter(phrasings, random);
      if (taken.has(text)) {
        if (++fruitless < FRUITLESS_DRAWS) continue;
        throw new RangeError(`only ${made} different utterances found for "${label}": ask for fewer than ${perAction}`);
      }
      fruitless = 0;
      taken.add(text);
      corpus.push({ text, label });
      made++;
    }
  }
  return shuffled(corpus, random);
}

function utter({ orders, remarks }: Phrasings, random: () => number): string {
  const order = random() < SHARE_OF_ORDERS;
  const phrase = fill(pickEarly(order ? orders : remarks, random), random);
  const whole = order ? wrapped(phrase, random) : phrase;
  return whole.replace(/\s+/g, " ").trim();
}

function wrapped(phrase: string, random: () => number): string {
  const opening = random() < SHARE_WITH_OPENING ? pickEarly(before, random) : "";
  const closing = random() < SHARE_WITH_CLOSING ? pickEarly(after, random) : "";
  return opening + phrase + closing;
}

function fill(template: string, random: () => number): string {
  return template
    .replace(/\(([^)]*)\)/g, (_, alternatives: string) => pickEarly(alternatives.split("|"), random))
    .replace(/\{(\w+)\}/g, (_, slot: string) => fill(pick(fillers[slot]!, random), random));
}

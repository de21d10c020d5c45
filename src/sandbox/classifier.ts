// The sandbox's whole intelligence: multinomial naive Bayes over words and pairs, which learns by counting.
import { features } from "./features.ts";

export interface Example {
  readonly text: string;
  readonly label: string;
  /** How many times it counts; 1 when left out. */
  readonly weight?: number;
}

/** Added to every count, so that an unseen word makes a class unlikely and not impossible. Tuned on CLINC150 and on our corpus. */
const SMOOTHING = 0.3;

/** Plain data, so that a model can be kept on disk: `postings[feature]` is [class, count, class, count, …]. */
export interface ClassifierState {
  readonly labels: string[];
  readonly examples: number[];
  readonly totals: number[];
  readonly postings: Record<string, number[]>;
}

interface Tally {
  examples: number;
  total: number;
}

export class Classifier {
  readonly #classes = new Map<string, number>();
  readonly #labels: string[] = [];
  readonly #tallies: Tally[] = [];
  readonly #postings = new Map<string, Map<number, number>>();

  /** The classes seen so far, in the order in which they were met. */
  get labels(): readonly string[] {
    return this.#labels;
  }

  /** Counts one example in. A weight of 0 changes nothing. */
  learn({ text, label, weight = 1 }: Example): void {
    if (weight <= 0) return;
    const index = this.#classOf(label);
    const tally = this.#tallies[index]!;
    tally.examples += weight;
    for (const feature of features(text)) {
      tally.total += weight;
      count(this.#postings, feature, index, weight);
    }
  }

  /** A second classifier that knows the same and learns apart from this one. */
  clone(): Classifier {
    return Classifier.from(this.state());
  }

  /**
   * The likeliest class of a text, or null when nothing was ever learned. `swaying` examples count for this
   * question only, as if they had been learned, without touching the counts: the cost is that of their words.
   * Ties go to the class met first. Formula: log P(c) + Σ log((n(f,c) + s) / (n(c) + s·V)), Manning et al. 2008, ch. 13.
   */
  classify(text: string, swaying: readonly Example[] = []): string | null {
    const asked = features(text);
    const { labels, tallies, extra, news } = this.#overlay(new Set(asked), swaying);
    if (labels.length === 0) return null;
    const floor = SMOOTHING * Math.max(1, this.#postings.size + news);
    const scores = tallies.map(
      ({ examples, total }) => Math.log(examples) + asked.length * (Math.log(SMOOTHING) - Math.log(total + floor)),
    );
    for (const feature of asked) {
      const posting = this.#postings.get(feature);
      const added = extra.get(feature);
      for (const [index, times] of posting ?? [])
        scores[index]! += Math.log1p((times + (added?.get(index) ?? 0)) / SMOOTHING);
      for (const [index, times] of added ?? [])
        if (!posting?.has(index)) scores[index]! += Math.log1p(times / SMOOTHING);
    }
    let best = 0;
    for (let index = 1; index < scores.length; index++) if (scores[index]! > scores[best]!) best = index;
    return labels[best]!;
  }

  state(): ClassifierState {
    const postings: [string, number[]][] = [...this.#postings].map(([feature, counts]) => [
      feature,
      [...counts].flat(),
    ]);
    return {
      labels: [...this.#labels],
      examples: this.#tallies.map((tally) => tally.examples),
      totals: this.#tallies.map((tally) => tally.total),
      postings: Object.fromEntries(postings),
    };
  }

  static from(state: ClassifierState): Classifier {
    const classifier = new Classifier();
    for (const [index, label] of state.labels.entries()) {
      classifier.#classOf(label);
      classifier.#tallies[index] = { examples: state.examples[index] ?? 0, total: state.totals[index] ?? 0 };
    }
    for (const [feature, flat] of Object.entries(state.postings)) {
      const posting = new Map<number, number>();
      for (let at = 0; at < flat.length; at += 2) posting.set(flat[at]!, flat[at + 1]!);
      classifier.#postings.set(feature, posting);
    }
    return classifier;
  }

  #classOf(label: string): number {
    const known = this.#classes.get(label);
    if (known !== undefined) return known;
    this.#classes.set(label, this.#labels.length);
    this.#tallies.push({ examples: 0, total: 0 });
    return this.#labels.push(label) - 1;
  }

  #overlay(asked: ReadonlySet<string>, swaying: readonly Example[]) {
    const labels = [...this.#labels];
    const tallies = this.#tallies.map((tally) => ({ ...tally }));
    const extra = new Map<string, Map<number, number>>();
    const unseen = new Set<string>();
    const places = new Map<string, number>();
    for (const { text, label, weight = 1 } of swaying) {
      if (weight <= 0) continue;
      let index = this.#classes.get(label) ?? places.get(label);
      if (index === undefined) {
        index = labels.push(label) - 1;
        places.set(label, index);
        tallies.push({ examples: 0, total: 0 });
      }
      const tally = tallies[index]!;
      tally.examples += weight;
      for (const feature of features(text)) {
        tally.total += weight;
        if (!this.#postings.has(feature)) unseen.add(feature);
        if (!asked.has(feature)) continue;
        count(extra, feature, index, weight);
      }
    }
    return { labels, tallies, extra, news: unseen.size };
  }
}

function count(postings: Map<string, Map<number, number>>, feature: string, index: number, weight: number): void {
  const posting = postings.get(feature);
  if (posting === undefined) postings.set(feature, new Map([[index, weight]]));
  else posting.set(index, (posting.get(index) ?? 0) + weight);
}

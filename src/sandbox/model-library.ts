// The models that can answer: the base model, made anew from its corpus at each start, and the fine-tuned ones, which are kept.
import { join } from "node:path";
import { classOfAction } from "./answer.ts";
import { Classifier, type ClassifierState } from "./classifier.ts";
import type { Utterance } from "./corpus.ts";
import { type Row, Shelf } from "./shelf.ts";

export const BASE_MODEL = "sandbox-base";
export const EMBEDDING_MODEL = "sandbox-embedding";

interface ModelRecord extends Row {
  readonly createdMs: number;
  readonly parent: string;
  readonly state: ClassifierState;
}

/** A model's announced last day, kept apart because the base model has one too. */
interface Notice extends Row {
  readonly shutdownDate: string;
}

export class ModelLibrary {
  readonly #shelf: Shelf<ModelRecord>;
  readonly #notices: Shelf<Notice>;
  readonly #ready = new Map<string, Classifier>();
  readonly #startedMs: number;

  constructor(folder: string | null, base: readonly Utterance[], nowMs: number) {
    this.#shelf = new Shelf(folder);
    this.#notices = new Shelf(folder === null ? null : join(folder, "notices"));
    this.#startedMs = nowMs;
    const classifier = new Classifier();
    for (const { text, label } of base) classifier.learn({ text, label: classOfAction(label) });
    this.#ready.set(BASE_MODEL, classifier);
  }

  /** Names, the built-in ones first, then oldest first. */
  names(): string[] {
    return [BASE_MODEL, EMBEDDING_MODEL, ...this.#shelf.all().map(({ id }) => id)];
  }

  /** What answers for a name, or undefined when there is no such chat model. */
  classifier(name: string): Classifier | undefined {
    const ready = this.#ready.get(name);
    if (ready !== undefined) return ready;
    const kept = this.#shelf.get(name);
    if (kept === undefined) return undefined;
    const classifier = Classifier.from(kept.state);
    this.#ready.set(name, classifier);
    return classifier;
  }

  /** Keeps a trained model. Adding a name again replaces it: a job that is run twice makes one model. */
  add(name: string, parent: string, classifier: Classifier, createdMs: number): void {
    const sequence = this.#shelf.get(name)?.sequence ?? this.#shelf.nextSequence();
    this.#shelf.put({ id: name, sequence, createdMs, parent, state: classifier.state() });
    this.#ready.set(name, classifier);
  }

  isFineTuned(name: string): boolean {
    return this.#shelf.get(name) !== undefined;
  }

  /** Whether there was a fine-tuned model of that name. */
  remove(name: string): boolean {
    if (!this.#shelf.remove(name)) return false;
    this.#ready.delete(name);
    this.#notices.remove(name);
    return true;
  }

  /** Announces a model's last day ("2027-01-14"), or takes that back with null. */
  announce(name: string, shutdownDate: string | null): void {
    if (shutdownDate === null) this.#notices.remove(name);
    else this.#notices.put({ id: name, sequence: this.#notices.nextSequence(), shutdownDate });
  }

  /** A model as OpenAI shows it, or undefined. */
  show(name: string) {
    if (!this.names().includes(name)) return undefined;
    const shutdown = this.#notices.get(name)?.shutdownDate;
    return {
      id: name,
      object: "model",
      created: Math.floor((this.#shelf.get(name)?.createdMs ?? this.#startedMs) / 1000),
      owned_by: "sandbox",
      ...(shutdown === undefined ? {} : { shutdown_date: shutdown }),
    };
  }
}

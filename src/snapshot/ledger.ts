// One line a row in typed arrays: a million rows are chosen from by their facts alone, while their texts stay on disk.
// A row's index is its place in the order of interactions' ids, which is the order of the files.

/** What choosing needs to know of a row that may be taught. */
export interface RowFacts {
  /** The interaction's id, a UUID. */
  readonly id: string;
  /** Milliseconds. */
  readonly at: number;
  readonly unit: string | null;
  readonly conversation: string | null;
  readonly action: string;
  /** From 0 to 1; null: nobody judged it. */
  readonly quality: number | null;
  /** Its worth by what people said: 1 up or corrected, 0 unrated, -1 down. */
  readonly rating: number;
  /** Answered by a model that the loop itself trained, and not corrected. */
  readonly isOwn: boolean;
  /** What is taught was written by a person in place of the answer. */
  readonly isCorrected: boolean;
  /** Outside the window: in only to rehearse. */
  readonly isOld: boolean;
  readonly tokens: number;
  /** Of its training line, newline included. */
  readonly bytes: number;
  /** 16 bytes. */
  readonly fingerprint: Uint8Array;
  /** 16 bytes. */
  readonly asked: Uint8Array;
  readonly bands: Uint32Array;
  /** Where its texts stand on the scratch file. */
  readonly place: Place;
}

/** A stretch of a scratch file, in bytes. */
export interface Place {
  readonly start: number;
  readonly length: number;
}

/** A growing column. */
class Column<Values extends Float64Array | Float32Array | Uint32Array | Uint8Array | Int8Array> {
  values: Values;
  readonly #make: (length: number) => Values;
  readonly #width: number;

  constructor(make: (length: number) => Values, width = 1) {
    this.#make = make;
    this.#width = width;
    this.values = make(1024 * width);
  }

  set(row: number, value: number): void {
    this.reach(row);
    this.values[row] = value;
  }

  setAll(row: number, values: ArrayLike<number>): void {
    this.reach(row);
    this.values.set(values, row * this.#width);
  }

  reach(row: number): void {
    if ((row + 1) * this.#width <= this.values.length) return;
    const grown = this.#make(Math.ceil(this.values.length * 1.5));
    grown.set(this.values);
    this.values = grown;
  }
}

const float64 = (length: number) => new Float64Array(length);
const uint32 = (length: number) => new Uint32Array(length);
const uint8 = (length: number) => new Uint8Array(length);

export class Ledger {
  length = 0;
  readonly #ids = new Column(uint8, 16);
  readonly #at = new Column(float64);
  readonly #unit = new Column(float64);
  readonly #conversation = new Column(float64);
  readonly #action = new Column(uint32);
  readonly #quality = new Column((length) => new Float32Array(length));
  readonly #rating = new Column((length) => new Int8Array(length));
  readonly #flags = new Column(uint8);
  readonly #tokens = new Column(uint32);
  readonly #bytes = new Column(uint32);
  readonly #fingerprints = new Column(uint32, 4);
  readonly #asked = new Column(float64);
  readonly #bands: readonly Column<Uint32Array>[];
  readonly #start = new Column(float64);
  readonly #length = new Column(uint32);
  readonly #drops = new Column(uint8);
  readonly #actions = new Map<string, number>();
  readonly actionNames: string[] = [];

  /** `bands` is how many keys a row has. */
  constructor(bands: number) {
    this.#bands = Array.from({ length: bands }, () => new Column(uint32));
  }

  /** Adds a row, after those with smaller ids, and returns its index. */
  add(facts: RowFacts): number {
    const row = this.length++;
    this.#ids.setAll(row, Buffer.from(facts.id.replaceAll("-", ""), "hex"));
    this.#at.set(row, facts.at);
    this.#unit.set(row, facts.unit === null ? 0 : hash53(facts.unit));
    this.#conversation.set(row, facts.conversation === null ? 0 : hash53(facts.conversation));
    this.#action.set(row, this.#actionNumber(facts.action));
    this.#quality.set(row, facts.quality ?? -1);
    this.#rating.set(row, facts.rating);
    this.#flags.set(row, (facts.isOwn ? OWN : 0) | (facts.isOld ? OLD : 0) | (facts.isCorrected ? CORRECTED : 0));
    this.#tokens.set(row, facts.tokens);
    this.#bytes.set(row, facts.bytes);
    this.#fingerprints.setAll(row, wordsOf(facts.fingerprint));
    this.#asked.set(row, questionNumber(facts.asked));
    for (const [band, column] of this.#bands.entries()) column.set(row, facts.bands[band]!);
    this.#start.set(row, facts.place.start);
    this.#length.set(row, facts.place.length);
    this.#drops.reach(row);
    return row;
  }

  id(row: number): string {
    const hex = Buffer.from(this.#ids.values.subarray(row * 16, row * 16 + 16)).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
  /** A number that stands for the person, or 0 for nobody known. */
  unit = (row: number) => this.#unit.values[row]!;
  /** A number that stands for the conversation, or 0 for none. */
  conversation = (row: number) => this.#conversation.values[row]!;
  /** An index into `actionNames`. */
  action = (row: number) => this.#action.values[row]!;
  rating = (row: number) => this.#rating.values[row]!;
  isOwn = (row: number) => (this.#flags.values[row]! & OWN) !== 0;
  isOld = (row: number) => (this.#flags.values[row]! & OLD) !== 0;
  isCorrected = (row: number) => (this.#flags.values[row]! & CORRECTED) !== 0;
  tokens = (row: number) => this.#tokens.values[row]!;
  bytes = (row: number) => this.#bytes.values[row]!;
  /** Word `part` of 4 of the fingerprint. */
  fingerprintWord = (row: number, part: number) => this.#fingerprints.values[row * 4 + part]!;
  /** A number that stands for the question: 53 bits of its fingerprint. */
  asked = (row: number) => this.#asked.values[row]!;
  /** The keys of one band, by row. */
  band = (band: number): Uint32Array => this.#bands[band]!.values;

  place = (row: number): Place => ({ start: this.#start.values[row]!, length: this.#length.values[row]! });

  /** 0 while the row stays, else the number of what dropped it. */
  drop(row: number): number {
    return this.#drops.values[row]!;
  }

  /** Drops a row for a numbered reason. The first reason stays. */
  dropFor(row: number, reason: number): void {
    if (this.#drops.values[row] === 0) this.#drops.values[row] = reason;
  }

  /** Rows that nothing has dropped, the better teacher first: best rated, best judged, newest, then by id. */
  byWorth(): Uint32Array {
    const kept = this.kept();
    const [rating, quality, at] = [this.#rating.values, this.#quality.values, this.#at.values];
    return kept.sort((a, b) => rating[b]! - rating[a]! || quality[b]! - quality[a]! || at[b]! - at[a]! || b - a);
  }

  /** Rows that nothing has dropped, in the order of their ids. */
  kept(): Uint32Array {
    return this.#where((row) => this.#drops.values[row] === 0);
  }

  /** Rows that people rated down, in the order of their ids; all are dropped. */
  rejected(): Uint32Array {
    return this.#where((row) => this.#rating.values[row] === -1);
  }

  #where(holds: (row: number) => boolean): Uint32Array {
    const rows = new Uint32Array(this.length);
    let count = 0;
    for (let row = 0; row < this.length; row++) if (holds(row)) rows[count++] = row;
    return rows.slice(0, count);
  }

  #actionNumber(action: string): number {
    const known = this.#actions.get(action);
    if (known !== undefined) return known;
    this.#actions.set(action, this.actionNames.length);
    return this.actionNames.push(action) - 1;
  }
}

const OWN = 1;
const OLD = 2;
const CORRECTED = 4;

/** 53 bits of a question's fingerprint. */
export function questionNumber(asked: Uint8Array): number {
  const [low, high] = wordsOf(asked);
  return (high! & 0x1fffff) * 2 ** 32 + low!;
}

/** Four words of 32 bits, the same on every machine. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return Uint32Array.from([0, 4, 8, 12], (at) => view.getUint32(at, true));
}

/**
 * 53 bits of a text, never 0: two FNV-1a hashes side by side, the second over the same units offset. Ten million people
 * meet by chance once in two hundred snapshots, and then merely share a side and a cap.
 */
export function hash53(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ (unit + 0x9e37), 0x85ebca6b);
  }
  low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d);
  high = Math.imul(high ^ (high >>> 13), 0x297a2d39);
  return ((high >>> 0) & 0x1fffff) * 2 ** 32 + (low >>> 0) || 1;
}

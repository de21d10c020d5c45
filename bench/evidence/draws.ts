// Chance for simulations: many independent streams, each the same whenever its name is the same.

import { createHash } from "node:crypto";

export interface Draws {
  /** From 0 up to 1, 1 excluded. */
  uniform(): number;
  /** Above 0, with this mean. */
  exponential(mean: number): number;
  /** A whole number from 1 on, with this mean. */
  geometric(mean: number): number;
  /** A person's own rate: a beta distribution with this mean, whose draws correlate so (0 to 1, both excluded) within a person. */
  beta(mean: number, correlation: number): number;
}

/** The stream of a name: xoshiro128** (Blackman and Vigna, public domain) from the name's hash, so that no two streams overlap. */
export function drawsOf(name: string): Draws {
  const seed = createHash("sha256").update(name).digest();
  let [a, b, c, d] = [seed.readInt32LE(0), seed.readInt32LE(4), seed.readInt32LE(8), seed.readInt32LE(12) | 1];

  function uniform(): number {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return (result >>> 0) / 4294967296;
  }

  const positive = () => 1 - uniform();
  const normal = () => Math.sqrt(-2 * Math.log(positive())) * Math.cos(2 * Math.PI * uniform());

  // Marsaglia and Tsang, ACM Transactions on Mathematical Software 26(3), 2000; below a shape of 1 by their note at the end.
  function gamma(shape: number): number {
    if (shape < 1) return gamma(shape + 1) * positive() ** (1 / shape);
    const third = shape - 1 / 3;
    const scale = 1 / Math.sqrt(9 * third);
    for (;;) {
      const x = normal();
      const v = (1 + scale * x) ** 3;
      if (v > 0 && Math.log(positive()) < x ** 2 / 2 + third - third * v + third * Math.log(v)) return third * v;
    }
  }

  return {
    uniform,
    exponential: (mean) => -mean * Math.log(positive()),
    geometric: (mean) => (mean <= 1 ? 1 : 1 + Math.floor(Math.log(positive()) / Math.log(1 - 1 / mean))),
    beta: (mean, correlation) => {
      if (mean <= 0 || mean >= 1) return mean <= 0 ? 0 : 1;
      const weight = 1 / correlation - 1;
      const up = gamma(mean * weight);
      return up / (up + gamma((1 - mean) * weight));
    },
  };
}

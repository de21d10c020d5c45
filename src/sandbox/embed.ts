// Turns a text into a vector by hashing, so that near texts are near without any training.
import { words } from "./features.ts";

export const DEFAULT_DIMENSIONS = 256;
const GRAM = 3;
const GRAM_WEIGHT = 0.5;

/**
 * A unit vector of `dimensions` numbers (all 0 for a text without words): words, and half as strongly their character trigrams,
 * each added or subtracted at a place that its hash picks (Weinberger et al. 2009, feature hashing).
 */
export function embed(text: string, dimensions: number = DEFAULT_DIMENSIONS): Float32Array {
  const vector = new Float32Array(dimensions);
  const add = (feature: string, weight: number) => {
    const hash = fnv1a(feature);
    vector[(hash >>> 1) % dimensions]! += hash & 1 ? weight : -weight;
  };
  for (const word of words(text)) {
    add(word, 1);
    const bordered = `^${word}$`;
    for (let at = 0; at + GRAM <= bordered.length; at++) add(bordered.slice(at, at + GRAM), GRAM_WEIGHT);
  }
  const norm = Math.hypot(...vector);
  return norm === 0 ? vector : vector.map((value) => value / norm);
}

/** A vector as the openai clients ask for it by default: base64 of little-endian 32-bit floats. */
export function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

// 32-bit FNV-1a over UTF-16 units, with a final mix because its low bits alone decide sign and place.
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

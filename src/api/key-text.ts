// How a key is written: rk_<id>_<secret>. The secret is 256 random bits, so that a plain hash keeps it.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const PATTERN = /^rk_([a-z0-9]{4,32})_([A-Za-z0-9_-]{16,128})$/;

export interface NewKey {
  id: string;
  /** Shown once, and kept nowhere. */
  text: string;
  secretHash: Buffer;
}

/** A new key; what is stored of it is `id` and `secretHash`. */
export function makeKey(random: (bytes: number) => Buffer = randomBytes): NewKey {
  const id = random(6).toString("hex");
  const secret = random(32).toString("base64url");
  return { id, text: `rk_${id}_${secret}`, secretHash: hashOf(secret) };
}

/** The parts of a key, or null when the text is not one. */
export function readKey(text: string): { id: string; secret: string } | null {
  const match = PATTERN.exec(text);
  return match === null ? null : { id: match[1]!, secret: match[2]! };
}

/** Whether a secret is the one that was hashed; takes as long when it is not. */
export function isSecret(secret: string, hash: Uint8Array): boolean {
  const given = hashOf(secret);
  return given.length === hash.length && timingSafeEqual(given, hash);
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

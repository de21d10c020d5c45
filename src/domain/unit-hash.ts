// People are kept under a keyed hash: rows can be joined and erased by it, but nobody can be read from it.
import { createHmac } from "node:crypto";

/** A function from a unit ("user:…" or "conversation:…") of a loop to its hash: 22 characters, 128 bits. */
export function unitHasher(secret: string): (loop: string, unit: string) => string {
  return (loop, unit) =>
    createHmac("sha256", secret).update(`${loop}\n${unit}`).digest().subarray(0, 16).toString("base64url");
}

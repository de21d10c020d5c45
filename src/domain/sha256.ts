// The name of a content: what has the same SHA-256 is the same.
import { createHash } from "node:crypto";

/** SHA-256 in hexadecimal; of a text, that of its UTF-8 bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

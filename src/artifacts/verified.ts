// Lets bytes through while it hashes them, and keeps the last part back until it knows that all were right.
import { createHash } from "node:crypto";
import { Transform } from "node:stream";

/** A stream that ends only when what went through has this SHA-256, and else fails with what `fault` gives. */
export function verified(sha256: string, fault: () => Error): Transform {
  const hash = createHash("sha256");
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      const before = held;
      held = chunk;
      done(null, before);
    },
    flush(done) {
      if (hash.digest("hex") === sha256) done(null, held);
      else done(fault());
    },
  });
}

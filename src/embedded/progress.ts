// Tells a person who waits at a terminal what is going on, in short lines.

export interface Progress {
  tell(line: string): void;
  /** Does `work` and says when it is done and how long it took, with a sign of life in between when that is long. */
  during<T>(what: string, work: () => Promise<T>, done: (result: T) => string): Promise<T>;
}

const SIGN_OF_LIFE_MS = 5_000;

/** @param write takes one line without its end */
export function createProgress(write: (line: string) => void, clock: () => number = Date.now): Progress {
  const tell = (line: string) => write(`  ${line}`);
  return {
    tell,
    async during(what, work, done) {
      const began = clock();
      const seconds = () => ((clock() - began) / 1000).toFixed(1);
      const sign = setInterval(() => tell(`${what} … ${Math.round(Number(seconds()))} s so far`), SIGN_OF_LIFE_MS);
      try {
        const result = await work();
        tell(`${done(result)} (${seconds()} s)`);
        return result;
      } finally {
        clearInterval(sign);
      }
    },
  };
}

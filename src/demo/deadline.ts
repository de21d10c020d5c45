// A limit of time that rests while a person thinks.

export interface Deadline {
  /** Milliseconds counted so far. */
  elapsed(): number;
  rest(): void;
  goOn(): void;
  cancel(): void;
}

/** Calls `onLate` once when `milliseconds` have gone by, its rests not counted. */
export function startDeadline(milliseconds: number, clock: () => number, onLate: () => void): Deadline {
  let counted = 0;
  let since: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  const elapsed = () => counted + (since === null ? 0 : clock() - since);
  const rest = () => {
    counted = elapsed();
    since = null;
    clearTimeout(timer);
  };
  const goOn = () => {
    rest();
    since = clock();
    timer = setTimeout(onLate, milliseconds - counted).unref();
  };
  goOn();
  return { elapsed, rest, goOn, cancel: rest };
}

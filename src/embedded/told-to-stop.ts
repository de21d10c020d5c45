// Hears that this process is to stop: by Ctrl-C, by a signal, or because whoever started it is gone.
import { endWithParent } from "./parent-link.ts";

/** Settles at the first word, with what it was. Later ones are ignored: npm hands Ctrl-C on a second time. */
export function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
    endWithParent(() => resolve("the parent process is gone"));
  });
}

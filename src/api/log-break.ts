// An answer that fails after its head has left: the caller sees it break off, and the log says why.
import { newId } from "../domain/id.ts";
import type { Log } from "../log.ts";

export function logBreak(
  log: Log,
  { method, path }: { readonly method: string; readonly path: string },
  error: Error,
): void {
  log.error({ event: "request_failed", id: newId(), method, path, error: error.message });
}

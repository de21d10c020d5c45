// Points around the requests that are marked by their sender: before the server looks at one, and before the answer leaves.
import { EventEmitter } from "node:events";
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import { Scope } from "./scope.ts";

/** What a request is called at its points, and the loop it is about. */
export const SCOPE_HEADER = "x-crash-scope";
export const LOOP_HEADER = "x-crash-loop";

export function watchRequests(): void {
  const emit = EventEmitter.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string | symbol, ...given: unknown[]) {
    const [request, response] = given as [IncomingMessage, ServerResponse];
    const name = event === "request" ? request.headers[SCOPE_HEADER] : undefined;
    if (typeof name !== "string") return emit.call(this, event, ...given);
    const scope = new Scope(name, String(request.headers[LOOP_HEADER] ?? ""));
    const end = response.end as (...last: unknown[]) => ServerResponse;
    response.end = ((...last: unknown[]) => {
      const moment = response.statusCode < 500 ? "done, not told" : "failed, not told";
      void scope.pass(null, moment).then(() => end.apply(response, last));
      return response;
    }) as typeof response.end;
    void scope.pass(null, "begins", { input: null }).then(() => scope.run(() => emit.call(this, event, ...given)));
    return true;
  } as typeof emit;
}

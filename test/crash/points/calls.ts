// Points around every call to another server, and around every file that is given its name.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { currentScope } from "./scope.ts";

export function watchCalls(): void {
  const call = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const scope = currentScope();
    if (scope === undefined) return call(input, init);
    const { method, url } = input instanceof Request ? input : { method: init?.method ?? "GET", url: String(input) };
    const { protocol, pathname } = new URL(url);
    if (!protocol.startsWith("http")) return call(input, init); // the provider's client looks at what fetch can do
    const step = scope.step(`${method.toUpperCase()} ${withoutIds(pathname)}`);
    await scope.pass(step, "before");
    const response = await call(input, init);
    const { go } = await scope.pass(step, "answered, not heard");
    if (go === "lost") throw new TypeError("fetch failed");
    return response;
  };
}

export function watchFiles(): void {
  const rename = fs.rename;
  fs.rename = async (from, to) => {
    const scope = currentScope();
    if (scope === undefined) return rename(from, to);
    const step = scope.step("file");
    await scope.pass(step, "before");
    await rename(from, to);
    await scope.pass(step, "answered, not heard");
  };
  syncBuiltinESMExports();
}

/** "/v1/fine_tuning/jobs/ftjob-1a2b" → "/v1/fine_tuning/jobs/{id}" */
function withoutIds(path: string): string {
  return path
    .split("/")
    .map((part) => (/\d/.test(part) && part !== "v1" ? "{id}" : part))
    .join("/");
}

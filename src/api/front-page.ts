// The page at "/": where a person who opens the address finds the rest. It shows no data, so it needs no key.
import type { ApiDeps } from "./api-deps.ts";
import type { Api } from "./environment.ts";

/** Mounts GET /. */
export function frontPage(api: Api, { temporalUi }: Pick<ApiDeps, "temporalUi">): void {
  const temporal =
    temporalUi === null
      ? ""
      : `<li><a href="${temporalUi}">Temporal Web UI</a>: every pulse, cycle and experiment, step by step</li>`;
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ratchet</title><meta name="viewport" content="width=device-width">
<style>:root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}code{font-size:.95em}</style></head>
<body><h1>Ratchet</h1><p>This is the API. A dashboard comes in a later version; until then:</p><ul>
<li><code>npx ratchet status</code> shows what a loop is doing and what it needs from you</li>
${temporal}
<li><a href="/openapi.json">OpenAPI document</a>: every route with its parameters and answers</li>
<li><a href="/readyz">Readiness</a>: which dependency is missing, if any</li>
</ul></body></html>`;
  const headers = { "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'" };
  api.get("/", (context) => context.html(page, 200, headers));
}

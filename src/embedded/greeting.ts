// What a start says when everything is ready: a block for a person, one line for a program.
import { DEMO_LOOP } from "./first-start.ts";

export interface Ready {
  readonly api: string;
  readonly temporalUi: string | null;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  readonly sandbox: string | null;
  readonly key: string;
  readonly keyIsNew: boolean;
  readonly dataDir: string;
  /** Full path of the file that keeps the key. */
  readonly connection: string;
  readonly loops: readonly string[];
  /** By name, this process included. */
  readonly pids: Readonly<Record<string, number>>;
}

/** The facts under the names that programs rely on. */
export function readyDocument(ready: Ready) {
  return {
    api: ready.api,
    dashboard: `${ready.api}/`,
    temporal_ui: ready.temporalUi,
    temporal_address: ready.temporalAddress,
    database_url: ready.databaseUrl,
    sandbox: ready.sandbox,
    key: ready.key,
    pids: ready.pids,
  };
}

/** The block for a person; ends with a line end. */
export function greeting(ready: Ready): string {
  const rows: [string, string | null][] = [
    ["API", ready.api],
    ["Temporal Web UI", ready.temporalUi],
    [
      "Sandbox model server",
      ready.sandbox === null ? null : `${ready.sandbox}   for trying out only: not a language model`,
    ],
    ["Data", ready.dataDir],
    ["API key", ready.keyIsNew ? `${ready.key}   kept in ${ready.connection}` : `kept in ${ready.connection}`],
  ];
  const shown = rows.filter((row): row is [string, string] => row[1] !== null);
  return `
Ratchet is ready.

${shown.map(([name, value]) => `  ${name.padEnd(22)}${value}`).join("\n")}

Try it:

${example(ready)}

Ctrl-C stops all of it; the next start goes on where this one stopped.
`;
}

// The key is read from its file, so that it does not end up in the shell's history.
function example({ api, connection, loops, sandbox }: Ready): string {
  const file = `'${connection.replaceAll("'", "'\\''")}'`;
  const authorization = `-H "Authorization: Bearer $(grep -o 'rk_[^"]*' ${file})"`;
  if (sandbox === null || !loops.includes(DEMO_LOOP)) return `  curl -s ${api}/api/loops ${authorization}`;
  const body = { model: DEMO_LOOP, messages: [{ role: "user", content: "turn off the lights in the kitchen" }] };
  return `  curl -s ${api}/v1/chat/completions \\
    ${authorization} \\
    -H 'content-type: application/json' \\
    -d '${JSON.stringify(body)}'`;
}

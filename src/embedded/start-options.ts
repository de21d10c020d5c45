// The command line of `npm start`: what it takes, and what it says of anything else.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Fault } from "../domain/fault.ts";
import { nearest } from "../domain/nearest.ts";

export interface StartOptions {
  /** Full path of the data folder. */
  readonly dataDir: string;
  /** Of the API; 0: free ports for everything; null: not said. */
  readonly port: number | null;
  /** One line of JSON on standard output instead of words. */
  readonly json: boolean;
  readonly help: boolean;
}

export const START_USAGE = `usage: npm start -- [--data DIR] [--port N] [--json]

  Runs all of Ratchet on this machine: PostgreSQL, Temporal, worker, API, and, where no provider is configured, a sandbox
  model server. Ctrl-C stops all of it; the next start goes on where it stopped.

  --data DIR   where everything is kept (default: .ratchet)
  --port N     port of the API (default: RATCHET_PORT, else 4400); 0 takes free ports for everything
  --json       print one line of JSON when everything is ready, and nothing else, on standard output
  --help       print this

  DATABASE_URL and TEMPORAL_ADDRESS name servers of your own, which are then used instead.
`;

const FLAGS = {
  data: { type: "string", default: ".ratchet" },
  port: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;
const KNOWN = Object.keys(FLAGS).map((name) => `--${name}`);

/**
 * Reads the arguments that follow the program's name.
 * @param from the folder that a relative --data is meant from
 * @throws Fault `invalid` that names the flag and those there are
 */
export function parseStartOptions(args: readonly string[], from: string): StartOptions {
  const values = read(args);
  return {
    dataDir: resolve(from, values.data),
    port: values.port === undefined ? null : portNumber(values.port),
    json: values.json,
    help: values.help,
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    const wrong = /'(.+?)'/.exec(message)?.[1] ?? "";
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      const near = nearest(wrong, KNOWN);
      throw usageFault(`unknown flag ${wrong}${near === null ? "" : `: did you mean ${near}?`}`);
    }
    if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") throw usageFault(`"${wrong}" belongs to no flag`);
    throw usageFault(message);
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageFault(`--port ${text}: a whole number from 0 to 65535 is wanted`);
}

function usageFault(message: string): Fault {
  return new Fault("invalid", message, {
    hint: `the flags are ${KNOWN.join(", ")}; npm start -- --help explains them`,
  });
}

// What every command is handed: the way to the API, where to read and print, and how.
import type { Command } from "commander";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { findConnection } from "./connection.ts";
import { plain } from "./terminal/plain.ts";

export interface Streams {
  in: NodeJS.ReadStream;
  out: NodeJS.WriteStream;
  err: NodeJS.WriteStream;
}

export interface Context extends Streams {
  /** The API that the options, the environment or the data folder name. Throws a Fault when they name none that can be. */
  api(): ApiClient;
  /** --json: one document on `out`, nothing else. */
  readonly json: boolean;
  /** --loop, when it was given. */
  readonly loop: string | undefined;
  /** Prints `document` with --json, else the lines; these are made only when they are wanted. */
  print(document: unknown, lines: () => readonly string[]): void;
}

/** The context of one run; options are read when a command asks, since they may stand anywhere on the line. */
export function createContext(program: Command, streams: Streams): Context {
  const options = () => program.opts<{ url?: string; key?: string; data?: string; loop?: string; json?: boolean }>();
  let api: ApiClient | undefined;
  const context: Context = {
    ...streams,
    api() {
      api ??= createApiClient(findConnection(options()));
      return api;
    },
    get json() {
      return options().json === true;
    },
    get loop() {
      return options().loop;
    },
    print(document, lines) {
      const text = context.json ? [JSON.stringify(document, null, 2)] : lines().map(plain);
      streams.out.write(`${text.join("\n")}\n`);
    },
  };
  return context;
}

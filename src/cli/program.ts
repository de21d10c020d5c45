// The command line as a whole: its options for all commands, and the commands there are.
import { readFileSync } from "node:fs";
import { Command } from "commander";
import * as audit from "./audit.ts";
import { type Context, createContext, type Streams } from "./context.ts";
import * as cycle from "./cycle.ts";
import * as doctor from "./doctor.ts";
import * as experiment from "./experiment.ts";
import * as feedback from "./feedback.ts";
import * as gold from "./gold.ts";
import * as key from "./key.ts";
import * as loop from "./loop.ts";
import * as migrate from "./migrate.ts";
import * as model from "./model.ts";
import * as pulse from "./pulse.ts";
import * as redact from "./redact.ts";
import * as rollback from "./rollback.ts";
import * as snapshot from "./snapshot.ts";
import * as status from "./status.ts";

/** In the order that --help lists them. */
const COMMANDS = [
  status,
  loop,
  pulse,
  cycle,
  experiment,
  rollback,
  model,
  snapshot,
  feedback,
  gold,
  key,
  audit,
  redact,
  migrate,
  doctor,
];

/** The program, and the context that its commands were given. Parsing throws what a command throws; nothing exits. */
export function createProgram(streams: Streams): { program: Command; context: Context } {
  const program = new Command("ratchet")
    .description("Operate Ratchet, a continuous-learning loop for applications that use language models.")
    .version(versionOf(), "--version", "print the version")
    .option("--loop <name>", "the loop; needed when there are several")
    .option("--json", "print one JSON document")
    .option("--url <address>", "where the API is (else RATCHET_URL, else what npm start left in --data)")
    .option("--key <key>", "a key to it (else RATCHET_KEY, else what npm start left in --data)")
    .option("--data <folder>", "the data folder of npm start (default: .ratchet)")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: () => {},
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => program.opts().json !== true && streams.err.write(text),
    })
    .addHelpText(
      "after",
      '\nExamples:\n  ratchet status\n  ratchet loop apply loop.json --reason "first settings"\n  ratchet experiment approve --reason "looks right"\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 not found.',
    );
  const context = createContext(program, streams);
  for (const command of COMMANDS) command.register(program, context);
  return { program, context };
}

function versionOf(): string {
  return (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string })
    .version;
}

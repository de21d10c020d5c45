// What the demo's command line says.
import { parseArgs } from "node:util";
import { Fault } from "../domain/fault.ts";
import { nearest } from "../domain/nearest.ts";

export const TRAINERS = ["in-context", "openai-wire"] as const;
export type TrainerName = (typeof TRAINERS)[number];

export interface DemoOptions {
  /** A file of utterances; null for the generated ones. */
  readonly corpus: string | null;
  readonly trainer: TrainerName;
  /** Approve without asking. */
  readonly auto: boolean;
  /** Go on running after the story. */
  readonly keep: boolean;
  readonly help: boolean;
}

export const USAGE = `usage: npm run demo -- [--corpus FILE] [--trainer NAME] [--auto] [--keep]

  Watch ratings become a better model: simulated users talk to an assistant and rate it, while a loop learns from
  what they say. Everything runs on this machine, in a folder that is thrown away, in about two minutes.

  --corpus FILE   what people say: JSONL, one {"text","label"} a line (default: a corpus of its own)
  --trainer NAME  ${TRAINERS.join(" or ")} (default: in-context)
  --auto          approve the promotion without asking; so it is, too, where there is no terminal to ask on
  --keep          leave the servers running after the story, until Ctrl-C

  exit code 0 when a champion was replaced by a better one, 1 when not, 2 for wrong usage
`;

const FLAGS = {
  corpus: { type: "string" },
  trainer: { type: "string", default: "in-context" },
  auto: { type: "boolean", default: false },
  keep: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Reads the arguments after the program's name. Throws a Fault `invalid` for one that is not understood. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parse(args);
  const trainer = TRAINERS.find((name) => name === values.trainer);
  if (trainer === undefined)
    throw wrong(`--trainer ${values.trainer}: there is no such trainer`, values.trainer, TRAINERS, "");
  if (values.corpus === "") throw wrong("--corpus needs the name of a file", "", [], "");
  return { corpus: values.corpus ?? null, trainer, auto: values.auto, keep: values.keep, help: values.help };
}

function parse(args: readonly string[]) {
  const given = args.find((argument) => argument.startsWith("--") && !Object.hasOwn(FLAGS, flagOf(argument)));
  if (given !== undefined && given !== "--")
    throw wrong(`unknown flag --${flagOf(given)}`, flagOf(given), Object.keys(FLAGS), "--");
  try {
    return parseArgs({ args: [...args], options: FLAGS });
  } catch (error) {
    throw wrong((error as Error).message.split(". ")[0]!, "", [], "");
  }
}

const flagOf = (argument: string) => argument.slice(2).split("=")[0]!;

function wrong(message: string, said: string, known: readonly string[], prefix: string): Fault {
  const near = nearest(said, known);
  const meant = near === null ? "" : `did you mean ${prefix}${near}? `;
  return new Fault("invalid", message, { hint: `${meant}npm run demo -- --help shows what there is` });
}

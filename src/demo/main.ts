// npm run demo: reads what is asked, starts servers of its own, plays the story, cleans up.
import { Unsuccessful } from "../cli/terminal/explain.ts";
import { figure } from "../cli/terminal/figures.ts";
import { Fault } from "../domain/fault.ts";
import { generateCorpus } from "../sandbox/corpus.ts";
import { readCorpus } from "../sandbox/read-corpus.ts";
import { type DividedCorpus, divideCorpus } from "./divide-corpus.ts";
import { type DemoOptions, readOptions, USAGE } from "./options.ts";
import { perform } from "./perform.ts";
import { type DemoResult, NOTHING_YET } from "./result.ts";
import { type Servers, startServers } from "./servers.ts";
import { LOOP } from "./settings.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

const SEED = 1;
const SHOWN_LINES = 15;
const INTERRUPTED = 130;
const clock = () => Date.now();

/** The person wants to stop: nothing to explain. */
class Interrupted extends Unsuccessful {}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const corpus = divideCorpus(
    options.corpus === null ? generateCorpus({ seed: SEED }) : readCorpus(options.corpus),
    SEED,
  );
  const terminal = createTerminal({ out: process.stdout, input: process.stdin, clock });
  const ending = new AbortController();
  const interrupt = () => ending.abort(new Interrupted());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  process.stdout.on("error", interrupt); // nobody reads any more

  const result = structuredClone(NOTHING_YET);
  let servers: Servers | undefined;
  try {
    introduce(terminal, options, corpus);
    const began = clock();
    servers = await startServers({
      base: corpus.base,
      onProgress: (line) => terminal.say(line.trim()),
      signal: ending.signal,
    });
    terminal.say(
      `Ready after ${Math.round((clock() - began) / 1000)} s. Watch it, if you like: ${[servers.dashboard, servers.temporalUi].filter((url) => url !== null).join(" and ")}`,
    );
    await perform({ options, corpus, seed: SEED, servers, terminal, ending, clock }, result);
  } catch (error) {
    const cause: unknown = ending.signal.aborted ? ending.signal.reason : error;
    result.reason = cause instanceof Interrupted ? "interrupted" : wordsOf(cause);
    if (!(cause instanceof Interrupted)) showLastLines(terminal, cause, servers);
  }
  conclude(terminal, result, ending.signal.reason instanceof Interrupted);
  const keep = options.keep && servers !== undefined && !ending.signal.aborted;
  if (keep) invite(terminal, servers!);
  else {
    terminal.live("ending the servers …");
    await servers?.stop();
  }
  terminal.lines([JSON.stringify(withoutReason(result))]);
  if (keep) {
    await untilEnded(servers!, ending.signal);
    await servers!.stop();
  } else if (ending.signal.reason instanceof Interrupted) return INTERRUPTED;
  return result.reason === null ? 0 : 1;
}

function introduce(terminal: Terminal, { corpus: file, trainer }: DemoOptions, corpus: DividedCorpus): void {
  const { actions, base, gold, heldOut, pool } = corpus;
  terminal.heading("Ratchet: from ratings to a better model");
  terminal.say(
    `The corpus${file === null ? ", made up for this demo" : ` ${file}`}: ${actions.length} actions (${actions.join(", ")}).`,
  );
  terminal.say(
    `Users say ${figure(pool.length)} different things. The base model has seen ${figure(base.length)} others, two of each action; ${figure(gold.length)} are the gold set, and ${figure(heldOut.length)} are held out to measure by.`,
  );
  terminal.say(`What answers is a sandbox: not a language model, but it really learns. The trainer: ${trainer}.`);
  terminal.heading("Starting PostgreSQL, Temporal, worker and API in a folder that is thrown away");
}

function conclude(terminal: Terminal, result: DemoResult, interrupted: boolean): void {
  terminal.heading("The end");
  if (interrupted) terminal.say("Interrupted: ending the servers and removing their folder.");
  else if (result.reason === null)
    terminal.say(
      `${result.champion_before} was replaced by a better champion, ${result.champion_after}, in ${result.seconds} s.`,
    );
  else terminal.say(`No champion was replaced by a better one: ${result.reason}`);
}

/** What was said last by the servers, where the story broke off by something else than a decision. */
function showLastLines(terminal: Terminal, cause: unknown, servers: Servers | undefined): void {
  if (servers === undefined || (cause instanceof Fault && cause.code === "conflict")) return;
  terminal.heading("The servers' last lines");
  terminal.lines(
    servers
      .lastLines()
      .slice(-SHOWN_LINES)
      .map((line) => `  ${line.slice(0, 400)}`),
  );
}

function invite(terminal: Terminal, { api, dashboard, temporalUi, key }: Servers): void {
  terminal.heading("It goes on running until Ctrl-C");
  terminal.lines([
    `  API          ${api}`,
    ...(dashboard === null ? [] : [`  dashboard    ${dashboard}`]),
    ...(temporalUi === null ? [] : [`  Temporal UI  ${temporalUi}`]),
    `  key          ${key}`,
    `  try          npx ratchet status --url ${api} --key ${key} --loop ${LOOP}`,
  ]);
}

async function untilEnded(servers: Servers, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([
    aborted,
    servers.broken.catch((error: unknown) => void process.stderr.write(`${wordsOf(error)}\n`)),
  ]);
}

function wordsOf(error: unknown): string {
  if (error instanceof Fault && error.hint !== undefined) return `${error.message} (${error.hint})`;
  return error instanceof Error ? error.message : String(error);
}

/** The reason is there only when there is one to give. */
function withoutReason({ reason, ...rest }: DemoResult): object {
  return reason === null ? rest : { ...rest, reason };
}

try {
  process.exitCode = await main();
} catch (error) {
  // Only what was asked can be wrong here: the rest is part of the story.
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exitCode = error instanceof Fault && error.code === "invalid" ? 2 : 1;
}

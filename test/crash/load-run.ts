// The whole of it: two servers, two workers, their PostgreSQL and Temporal; traffic; kills; then the proof.

import { setTimeout as sleep } from "node:timers/promises";
import { answeredAfter, type Kill, killAround, type Mortal } from "./load-kills.ts";
import { type Figures, figuresOf, type Kind, Ledger } from "./load-ledger.ts";
import { keepLearning, LEARNING, openOperator, prepareLoops, TRAFFIC } from "./load-loops.ts";
import { auditFaults, prove } from "./load-proof.ts";
import { openCaller } from "./load-request.ts";
import { sendTraffic } from "./load-traffic.ts";
import { openStack, type Program, type Server, type Stack } from "./stack.ts";

export interface LoadOptions {
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly ratingsPerSecond: number;
  readonly killEveryMs: number;
  readonly seed: number;
  readonly tell?: (line: string) => void;
}

export interface LoadReport {
  readonly figures: Record<Kind, Figures>;
  readonly kills: (Kill & { answeredAfter: number | null })[];
  readonly cycles: number;
  readonly unacknowledgedButThere: Record<string, number>;
  readonly interactions: number;
  readonly ratings: number;
  /** Empty when nothing was lost, doubled or broken. */
  readonly faults: string[];
}

export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { tell = () => {} } = options;
  const stack = await openStack({ jobMs: 3_000 });
  const caller = openCaller();
  try {
    const servers = [
      await openMortal("server", 1, stack.startServer),
      await openMortal("server", 2, stack.startServer),
    ];
    const workers = [
      await openMortal("worker", 1, stack.startWorker),
      await openMortal("worker", 2, stack.startWorker),
    ];
    const urls = servers.map(({ url }) => url!);
    let turn = 0;
    const next = () => urls[turn++ % urls.length]!;
    const operator = openOperator(stack, next);
    const before = await prepareLoops(stack, operator);
    tell("two servers and two workers run; the experiment is under way");

    const ledger = new Ledger();
    const traffic = sendTraffic(ledger, {
      ...options,
      loop: TRAFFIC,
      key: stack.key,
      deliver: (outgoing) => caller.send(next(), outgoing),
    });
    const mortals = [...servers, ...workers, mortal("Temporal", stack.temporal), mortal("PostgreSQL", stack.postgres)];
    const [kills, learning] = await Promise.all([
      killAround(sleep(options.seconds * 1000), mortals, { everyMs: options.killEveryMs, seed: options.seed }),
      keepLearning(stack, operator, traffic),
      traffic,
    ]);
    operator.close();
    tell("the traffic is over and everything has come to rest; now for the proof");

    const { faults, ...counts } = await prove(stack, TRAFFIC, ledger, before);
    const kinds = ["chat", "interaction", "rating"] as const;
    return {
      figures: Object.fromEntries(kinds.map((kind) => [kind, figuresOf(ledger.of(kind))])) as LoadReport["figures"],
      kills: kills.map((kill) => ({ ...kill, answeredAfter: answeredAfter(kill, ledger.sent) })),
      cycles: learning.cycles.length,
      ...counts,
      faults: [...faults, ...learning.faults, ...(await auditFaults(stack, LEARNING))],
    };
  } finally {
    caller.close();
    await stack.close();
  }
}

/** A program that keeps its port through deaths. */
async function openMortal(kind: "server" | "worker", number: number, launch: Stack["startServer"]): Promise<Mortal> {
  let program: Program = await launch();
  const { url } = program;
  return {
    kind,
    name: `${kind} ${number}`,
    url: url === "" ? null : url,
    kill: () => program.kill(),
    async start() {
      program = await launch(url === "" ? {} : { port: Number(new URL(url).port) });
    },
  };
}

function mortal(kind: "Temporal" | "PostgreSQL", { name, kill, start }: Server): Mortal {
  return { kind, name, url: null, kill, start };
}

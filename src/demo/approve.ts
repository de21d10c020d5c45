// Fourth chapter: a person decides. Where nobody can be asked, the demo approves and says so.
import { createInterface } from "node:readline";
import { Fault } from "../domain/fault.ts";
import type { Experiment } from "./answers.ts";
import type { Scene } from "./scene.ts";

export interface Asking {
  /** Approve without asking. */
  readonly auto: boolean;
  readonly input: NodeJS.ReadableStream;
  readonly out: NodeJS.WritableStream;
  /** Hears when the person begins and ends to think. */
  readonly onThinking: (thinking: boolean) => void;
}

/** Shows the verdict, asks, and does what the person says. Throws a Fault when they reject. */
export async function approve(
  { terminal, operator, signal }: Scene,
  experiment: Experiment,
  challenger: string,
  asking: Asking,
): Promise<void> {
  terminal.heading("Approval");
  const verdict = experiment.looks.at(-1)?.verdict.reason ?? "";
  terminal.say(`The verdict: ${verdict}`);
  const yes = await decision(terminal.interactive, challenger, signal, asking, (words) => terminal.say(words));
  if (!yes) {
    await operator.decide(experiment.id, "reject", "rejected on the demo's terminal");
    throw new Fault(
      "conflict",
      `you rejected ${challenger}: the champion stays, and nobody has a worse model than before`,
    );
  }
  await operator.decide(
    experiment.id,
    "approve",
    asking.auto || !terminal.interactive ? "approved by the demo" : "approved on the demo's terminal",
  );
  terminal.say(
    `${terminal.paint("green", "Promoted:")} ${challenger} is the champion, in probation; the former champion stands by.`,
  );
}

async function decision(
  interactive: boolean,
  challenger: string,
  signal: AbortSignal,
  asking: Asking,
  say: (words: string) => void,
): Promise<boolean> {
  if (asking.auto) say("--auto: approved without asking.");
  else if (!interactive) say("No terminal to ask on: approved, as with --auto.");
  else {
    asking.onThinking(true);
    const answer = await ask(`  Promote ${challenger}? [y/N] `, asking, signal).finally(() => asking.onThinking(false));
    return /^y(es)?$/i.test(answer.trim());
  }
  return true;
}

/** One line of the person's; "" when the input ends first. The terminal's own line editing, so that Ctrl-C ends the demo. */
function ask(question: string, { input, out }: Asking, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = createInterface({ input, terminal: false });
    out.write(question);
    const end = () => {
      signal.removeEventListener("abort", abort);
      reader.close();
    };
    const abort = () => {
      reject(signal.reason);
      end();
    };
    signal.addEventListener("abort", abort, { once: true });
    reader.once("line", (line) => {
      resolve(line);
      end();
    });
    reader.once("close", () => {
      resolve("");
      end();
    });
  });
}

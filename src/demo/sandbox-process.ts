// The sandbox as a process of its own, so that what answers does not share a core's turn with those who ask.
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { describeExit, type RunningChild, startChild } from "../embedded/child.ts";

const ready = z.object({ ready: z.literal(true), url: z.url() });

export interface SandboxProcess {
  readonly child: RunningChild;
  /** What an OpenAI client takes as its base URL. */
  readonly baseURL: string;
}

/** Starts a sandbox that has seen every utterance of a file. Throws a Fault with what it said when it does not come up. */
export async function startSandboxProcess(options: {
  corpus: string;
  data: string;
  env: NodeJS.ProcessEnv;
  onLine: (line: string) => void;
}): Promise<SandboxProcess> {
  const announced = Promise.withResolvers<string>();
  const child = await startChild({
    name: "the sandbox",
    command: process.execPath,
    args: [
      fileURLToPath(new URL("../sandbox/main.ts", import.meta.url)),
      ...["--port", "0", "--corpus", options.corpus, "--per-action", "10000", "--data", options.data],
    ],
    env: options.env,
    channel: true,
    onLine(line) {
      options.onLine(line);
      const facts = parse(line);
      if (facts !== null) announced.resolve(facts.url);
    },
  });
  const ended = child.exited.then((exit) => {
    throw new Fault("unavailable", describeExit(child.name, exit));
  });
  const url = await Promise.race([announced.promise, ended]);
  ended.catch(() => undefined); // whoever runs it watches `exited`
  return { child, baseURL: `${url}/v1` };
}

function parse(line: string): z.output<typeof ready> | null {
  try {
    return ready.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

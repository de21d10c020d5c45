// Sets the stage on servers that run: the loop, its gold set, the application's key, the users; then tells the story.
import { createApiClient } from "../cli/api-client.ts";
import { seededRandom } from "../sandbox/seeded-random.ts";
import { createApplication } from "./application.ts";
import { startDeadline } from "./deadline.ts";
import type { DividedCorpus } from "./divide-corpus.ts";
import { Ledger } from "./ledger.ts";
import { createOperator } from "./operator.ts";
import type { DemoOptions } from "./options.ts";
import type { DemoResult } from "./result.ts";
import type { Servers } from "./servers.ts";
import { demoSettings, LOOP } from "./settings.ts";
import { CROWD, simulatedUsers } from "./simulated-user.ts";
import { tellStory } from "./story.ts";
import type { Terminal } from "./terminal.ts";
import { PACE, startTraffic, type Traffic } from "./traffic.ts";

export interface Performance {
  readonly options: DemoOptions;
  readonly corpus: DividedCorpus;
  readonly seed: number;
  readonly servers: Servers;
  readonly terminal: Terminal;
  /** Aborted by whoever finds that the story cannot go on. */
  readonly ending: AbortController;
  readonly clock: () => number;
}

/** Far more than the story takes, in milliseconds. */
const LIMIT = 10 * 60_000;

/** Plays it to the end and writes into `result` what came of it. Rejects when it ends otherwise than well. */
export async function perform(
  { options, corpus, seed, servers, terminal, ending, clock }: Performance,
  result: DemoResult,
): Promise<void> {
  const { signal } = ending;
  const end = (error: unknown) => ending.abort(error);
  const deadline = startDeadline(LIMIT, clock, () =>
    end(new Error(`the story did not end within ${LIMIT / 60_000} minutes`)),
  );
  servers.broken.catch(end);
  const ledger = new Ledger();
  let traffic: Traffic | undefined;
  try {
    const operator = createOperator(createApiClient({ url: servers.api, key: servers.key }), LOOP);
    await operator.applySettings(demoSettings(options.trainer));
    await operator.addGold(corpus.gold);
    const application = createApplication({
      url: servers.api,
      key: await operator.applicationKey(),
      loop: LOOP,
      signal,
    });
    const random = seededRandom(seed);
    const users = simulatedUsers(CROWD, random);
    const openDoors = () => {
      traffic = startTraffic({ application, users, pool: corpus.pool, ledger, pace: PACE, random, clock });
      traffic.broken.catch(end);
      return traffic;
    };
    const story = tellStory(
      {
        scene: { terminal, operator, ledger, signal, clock },
        operatorsApplication: createApplication({ url: servers.api, key: servers.key, loop: LOOP, signal }),
        heldOut: corpus.heldOut,
        openDoors,
        asking: {
          auto: options.auto,
          input: process.stdin,
          out: process.stdout,
          onThinking: (thinking) => (thinking ? deadline.rest() : deadline.goOn()),
        },
      },
      result,
    );
    await Promise.race([story, whenAborted(signal)]);
  } finally {
    result.seconds = Math.round(deadline.elapsed() / 100) / 10;
    result.ratings = ledger.ratings;
    deadline.cancel();
    await traffic?.stop();
  }
}

/** Rejects with the signal's reason, at once when it is aborted already. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

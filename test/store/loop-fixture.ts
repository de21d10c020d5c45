// What the store's tests share: a loop with its first settings, ratings, candidates and experiments, each made by the store itself.
import type { Database, Transaction } from "../../src/db/database.ts";
import { sql } from "../../src/db/sql.ts";
import type { Asked, ExperimentParameters } from "../../src/domain/experiment.ts";
import { Fault, type FaultCode } from "../../src/domain/fault.ts";
import type { Feedback } from "../../src/domain/feedback.ts";
import { newId } from "../../src/domain/id.ts";
import type { Interaction } from "../../src/domain/interaction.ts";
import { type LoopSettings, parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { beginExperiment } from "../../src/store/experiment/lifecycle.ts";
import { addLook } from "../../src/store/experiment/looks.ts";
import type { Experiment } from "../../src/store/experiment/row.ts";
import { applySettings } from "../../src/store/loops.ts";
import { addModel, type Model } from "../../src/store/models.ts";

export const AT = new Date("2026-11-03T12:00:00.000Z");
export const ASKED: Asked = { actor: "ada", reason: "a test" };
export const HOUR = 3_600_000;

/** An instant so many hours after AT. */
export function hours(count: number): Date {
  return new Date(AT.getTime() + count * HOUR);
}

/** Opens the pool's connections, so that what is then done at once really happens at once. */
export async function warmUp(db: Database, connections = 8): Promise<void> {
  const nap = () => db.acrossLoops((tx) => tx.run(sql`select pg_sleep(0.1)`));
  await Promise.all(Array.from({ length: connections }, nap));
}

/** Makes a loop on the sandbox's base model. */
export async function makeLoop(db: Database, name: string, settings: Record<string, unknown> = {}) {
  const parsed = parseLoopSettings({ name, model: { provider: "sandbox", name: "sandbox-base" }, ...settings });
  return apply(db, parsed);
}

export async function apply(db: Database, settings: LoopSettings, at = AT) {
  return db.withLoop(settings.name, (tx) => applySettings(tx, settings, ASKED, at));
}

/** An interaction as the gateway would record it: no client's name, nobody's unit, in no experiment. */
export function interactionOf(more: Partial<Interaction> = {}): Interaction {
  return {
    clientId: null,
    at: AT,
    unit: null,
    conversation: null,
    modelId: null,
    modelName: "sandbox-base",
    providerModel: "sandbox-base",
    systemPromptHash: null,
    variant: "champion",
    counted: null,
    messages: [{ role: "user", content: "wake me at seven" }],
    response: { role: "assistant", content: '{"action":"alarm"}' },
    actionType: "alarm",
    actionData: null,
    quality: null,
    latencyUs: 1000,
    inputTokens: 5,
    outputTokens: 5,
    costMicros: null,
    error: null,
    store: true,
    tools: null,
    metadata: {},
    ...more,
  };
}

/** A thumb as the API would hand it over. */
export function ratingOf(interaction: string, value: Feedback["value"], more: Partial<Feedback> = {}): Feedback {
  return {
    interaction,
    name: "thumb",
    rater: "",
    value,
    reasons: [],
    comment: null,
    correction: null,
    actionType: null,
    eventId: null,
    revision: null,
    ...more,
  };
}

/** A candidate, as if a trainer had made it. */
export function addCandidate(tx: Transaction, loop: string, name: string): Promise<Model> {
  return addModel(tx, {
    id: newId(),
    loop,
    name,
    kind: "fine-tuned",
    role: "candidate",
    provider: { provider: "sandbox", baseURL: null, model: `ft:${name}` },
    examples: null,
    trainingRunId: null,
    at: AT,
  });
}

export const PARAMETERS: ExperimentParameters = {
  share: 0.1,
  primary: "approval",
  metrics: [],
  guardrails: { error: 0.02, slow: 0.05, cost: 0.2, quality: 0.05 },
  slowAbove: null,
  costPerInteraction: null,
  minLift: 0.05,
  phi: 0.05,
  minEvidence: 24 * HOUR,
  minDuration: 48 * HOUR,
  maxDuration: 14 * 24 * HOUR,
  lookEvery: HOUR / 2,
  promotion: "approval",
  approvalTimeout: 7 * 24 * HOUR,
  probation: 48 * HOUR,
  holdback: 0.05,
};

export const PROMOTE = { kind: "promote", reason: "promote: better", numbers: {} };
export const HOLD = { kind: "hold", reason: "hold: too early", numbers: {} };

/** An operator's experiment of a new candidate, begun at AT. */
export async function startExperiment(
  db: Database,
  loop: string,
  name: string,
  parameters: Partial<ExperimentParameters> = {},
): Promise<Experiment> {
  return db.withLoop(loop, async (tx) => {
    const { id } = await addCandidate(tx, loop, name);
    const begin = {
      id: newId(),
      cycleId: null,
      challengerId: id,
      parameters: { ...PARAMETERS, ...parameters },
      at: AT,
    };
    return beginExperiment(tx, loop, begin, ASKED);
  });
}

/** Keeps a look with this verdict. */
export function look(tx: Transaction, experiment: Experiment, number: number, verdict: unknown) {
  const phase = "experiment" as const;
  return addLook(tx, experiment.loop, experiment.id, { number, phase, at: hours(number), tallies: [], verdict });
}

/** Whether an error is a Fault of this code, saying this; for assert.rejects. */
export function faultLike(code: FaultCode, message: RegExp, details: Record<string, unknown> = {}) {
  return (error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    return (
      error.code === code &&
      message.test(error.message) &&
      Object.entries(details).every(([key, value]) => error.details[key] === value)
    );
  };
}

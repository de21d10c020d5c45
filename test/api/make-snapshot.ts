// Makes a real snapshot of what a world's loop has recorded: collected, prepared and generated as workers do.
import assert from "node:assert/strict";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { type Generated, generateActivities } from "../../src/activities/generate.ts";
import { recipeFrom } from "../../src/activities/prepare.ts";
import type { Message } from "../../src/domain/message.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { cancelCycle } from "../../src/store/cancel-cycle.ts";
import { collect } from "../../src/store/collect.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { loadLoop } from "../../src/store/loops.ts";
import { createTrainers } from "../../src/trainers/registry.ts";
import { ASKED, interactionOf, ratingOf } from "../store/loop-fixture.ts";
import { prepareUpTo } from "../store/prepare-up-to.ts";
import type { ApiWorld } from "./api-world.ts";

const NO_PROVIDERS = { "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: null } };

export interface Said {
  readonly messages: readonly Message[];
  readonly answer: string;
  readonly rating: 1 | -1;
  readonly correction?: string;
  readonly action?: string;
  readonly unit?: string;
}

/** A question and its answer, with a thumb. */
export function said(question: string, answer: string, rating: 1 | -1 = 1, more: Partial<Said> = {}): Said {
  return { messages: [{ role: "user", content: question }], answer, rating, ...more };
}

/** Records what people asked, got and thought of it. */
export async function record({ database, now }: ApiWorld, loop: string, all: readonly Said[]): Promise<void> {
  const at = new Date(now);
  await database.db.withLoop(loop, async (tx) => {
    const interactions = all.map(({ messages, answer, action = "todo", unit = null }) =>
      interactionOf({
        at,
        unit,
        messages: [...messages],
        response: { role: "assistant", content: answer },
        actionType: action,
      }),
    );
    const ids = await recordInteractions(tx, loop, interactions);
    const ratings = all.map(({ rating, correction = null }, index) => ratingOf(ids[index]!, rating, { correction }));
    await recordFeedback(tx, loop, ratings, at);
  });
}

/** Makes the snapshot and returns its id; its cycle ends, so that another can follow. */
export async function makeSnapshot({ database: { db }, artifacts, now }: ApiWorld, loop: string): Promise<string> {
  const at = new Date(now);
  const { number: watermark } = await collect(db, loop, at);
  const { settings, settingsVersion } = await db.withLoop(loop, (tx) => loadLoop(tx, loop));
  await prepareUpTo(db, loop, watermark, { recipe: recipeFrom(settings) });
  const from = { pulse: null, watermark, settingsVersion, asOf: at };
  const cycle = await db.withLoop(loop, (tx) => createCycle(tx, loop, ASKED, from));
  const { generate } = generateActivities({
    db,
    artifacts,
    trainers: createTrainers(createProviders(NO_PROVIDERS)),
    codeVersion: "test",
    log: pino({ level: "silent" }),
  });
  const made = (await new MockActivityEnvironment().run(() => generate({ loop, cycleId: cycle.id }))) as Generated;
  await db.withLoop(loop, (tx) => cancelCycle(tx, loop, cycle.id, ASKED, at));
  assert.ok(made.kind === "built", made.kind);
  return made.snapshotId;
}

// A loop's whole life in seconds, as its people and operators see it; the same each time, whatever dies meanwhile. What it
// waits for are conditions: rows, and workflows that are over.
import assert from "node:assert/strict";
import { WorkflowFailedError } from "@temporalio/client";
import { assign, unitOf } from "../../src/evidence/assignment.ts";
import { until } from "../workflows/loop-life.ts";
import { type Answer, type Ledger, type People, people, type Rating } from "./people.ts";
import { readRoutingForever } from "./routing-forever.ts";
import type { Site } from "./site.ts";

/**
 * What a loop goes through. `automatic`: a pulse, a cycle, an experiment, promoted and kept. `by hand`: an operator starts the
 * cycle, extends the experiment, approves, and rolls back in probation. `cancelled`: an operator cancels while the job runs.
 */
export const LIVES = ["automatic", "by hand", "cancelled"] as const;
export type LifeKind = (typeof LIVES)[number];

export interface Life {
  readonly kind: LifeKind;
  readonly loop: string;
  readonly ledger: Ledger;
  /** Lives it to its end: resolves when nothing is under way any more. */
  live(): Promise<void>;
  /** Where the trainer may have a job left, the next pulses ask it, as they would every half an hour. */
  askTrainerAgain(): Promise<void>;
  /** What a run of an activity is called: looks and polls by what they will come to, which is settled before they begin. */
  nameOf(activity: string, input: unknown): Promise<string>;
}

const CHALLENGER_USERS = 35;
const CHAMPION_USERS = 20;
const EACH = 3;
const AT_ONCE = 6;
const PATIENCE_SECONDS = 240;

export function openLife(kind: LifeKind, loop: string, site: Site): Life {
  const crowd = people({ url: site.api, key: site.stack.key, loop });
  let gate: { arrived: () => void; opened: Promise<void> } | null = null;
  let allRated = false;

  return {
    kind,
    loop,
    ledger: crowd.ledger,
    async live() {
      await begin(kind, loop, crowd);
      if (kind === "cancelled") return await cancelled();
      await startCycle();
      await untilRow("an experiment", "select 1 from experiment where loop = $1");
      await untilRow("a look at nobody", "select 1 from look where loop = $1");
      if (kind === "by hand") await extend();
      await meet();
      if (kind === "by hand") {
        await untilRow(
          "a question for approval",
          "select 1 from experiment where loop = $1 and status = 'awaiting_approval'",
        );
        await command("POST /approve", `/api/experiments/${await experimentId()}/approve`);
      }
      await untilRow("the promotion", "select 1 from promotion where loop = $1 and kind = 'promotion'");
      await meetAgain();
      if (kind === "by hand") await command("POST /rollback", `/api/loops/${loop}/rollback`);
      await untilRow("the end", "select 1 from experiment where loop = $1 and status = 'closed'");
      await untilQuiet();
    },
    askTrainerAgain,
    async nameOf(activity, input) {
      if (activity === "pollTraining") return namePoll();
      if (activity !== "look") return activity;
      if (gate !== null) {
        gate.arrived();
        await gate.opened;
      }
      return nameLook(input as { asOf: number });
    },
  };

  async function startCycle(): Promise<void> {
    if (kind === "automatic") {
      await crowd.send("POST", `/api/loops/${loop}/pulse`, { reason: "there is enough" }, "POST /pulse");
    } else {
      const { body } = await command("POST /cycles", `/api/loops/${loop}/cycles`);
      // Its workflow was not told, or nobody knows: the next pulse sees to it, as it would within half an hour.
      if (body.told !== true) await crowd.send("POST", `/api/loops/${loop}/pulse`, { reason: "see to it" });
    }
    await untilRow("a cycle", "select 1 from cycle where loop = $1");
  }

  /** An operator's command. Sent again after no answer, it may be refused: it was done the first time. */
  async function command(scope: string, path: string): Promise<Answer> {
    const answer = await crowd.send("POST", path, { reason: "a person says so" }, scope);
    const done = answer.status < 300 || (answer.attempts > 1 && answer.status === 409);
    assert.ok(done, `${scope}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }

  /** Through Temporal, by an update: one with the same id is carried out once. */
  async function extend(): Promise<void> {
    const handle = site.temporal.workflow.getHandle(`experiment/${await experimentId()}`);
    const payload = { actor: "ada", reason: "a test", by: "1 hour" };
    await until(
      "the extension",
      async () => {
        try {
          await handle.executeUpdate("extend", { args: [payload], updateId: "extend-once" });
          return true;
        } catch (error) {
          if (error instanceof WorkflowFailedError) throw error;
          return false; // Temporal is away, or nobody works
        }
      },
      PATIENCE_SECONDS,
    );
  }

  /** People meet both variants; all that they say of them comes at once, between two looks: the next one sees all of it. */
  async function meet(): Promise<void> {
    const routing = await readRoutingForever(site.stack, loop);
    const of = (variant: string, count: number) => {
      const found: string[] = [];
      for (let index = 0; found.length < count; index++)
        if (assign(routing, unitOf({ user: `user-${index}` }), Date.now()).variant === variant)
          found.push(`user-${index}`);
      return found;
    };
    const users = [...of("challenger", CHALLENGER_USERS), ...of("champion", CHAMPION_USERS)];
    const visits = users.flatMap((user) => Array.from({ length: EACH }, () => user));
    const ids = await manyAtOnce(visits, (user, index) =>
      crowd.chat(user, index === 0 ? "POST /v1/chat/completions, in an experiment" : undefined),
    );
    // Of the challenger one in eighteen is disliked, of the champion seven in eight.
    const ratings = ids.map((interaction, index): Rating => {
      const user = visits[index]!;
      const { variant } = assign(routing, unitOf({ user }), Date.now());
      const likes = variant === "challenger" ? index % 18 !== 0 : index % 8 === 0;
      return { event: `${loop}-meets-${index}`, interaction, user, value: likes ? 1 : -1 };
    });

    const looking = Promise.withResolvers<void>();
    const opening = Promise.withResolvers<void>();
    gate = { arrived: looking.resolve, opened: opening.promise };
    await looking.promise;
    await crowd.rate(ratings, "POST /api/feedback, in an experiment");
    allRated = true;
    gate = null;
    opening.resolve();
  }

  /** In probation, some keep the former champion. */
  async function meetAgain(): Promise<void> {
    const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
    const ids = await manyAtOnce(users, (user, index) =>
      crowd.chat(user, index === 0 ? "POST /v1/chat/completions, in probation" : undefined),
    );
    await crowd.rate(
      ids.map((interaction, index) => ({
        event: `${loop}-again-${index}`,
        interaction,
        user: users[index]!,
        value: 1,
      })),
    );
  }

  async function cancelled(): Promise<void> {
    await site.withFault({ kind: "job-stuck", status: "running" }, async () => {
      await startCycle();
      await untilRow("a running job", "select 1 from training_run where loop = $1 and status = 'running'");
      const { id } = (await one("select id from cycle where loop = $1"))!;
      await command("POST /cancel", `/api/cycles/${id}/cancel`);
      await untilRow("the end", "select 1 from cycle where loop = $1 and ended_at is not null");
      await untilQuiet();
      await askTrainerAgain();
    });
  }

  async function askTrainerAgain(): Promise<void> {
    const open = "select 1 from alert where loop = $1 and kind = 'orphan_job' and closed_at is null";
    await until(
      "a clear answer of the trainer",
      async () => {
        if ((await one(open)) === undefined) return true;
        await crowd.send("POST", `/api/loops/${loop}/pulse`, { reason: "see to it" });
        await untilQuiet();
        return false;
      },
      PATIENCE_SECONDS,
    );
  }

  async function untilQuiet(): Promise<void> {
    await until(
      "the end of every workflow",
      async () => {
        try {
          const { count } = await site.temporal.workflow.count(
            `\`Loop\` = "${loop}" and ExecutionStatus = "Running" and WorkflowType in ("pulse", "cycle", "experiment")`,
          );
          return count === 0;
        } catch {
          return false; // Temporal is being started again
        }
      },
      PATIENCE_SECONDS,
    );
  }

  /** A second poll waits until the job is over, so that each has one name for certain. */
  async function namePoll(): Promise<string> {
    const run = await one("select job_id, status from training_run where loop = $1");
    const statusNow = async () => {
      const response = await fetch(`${site.stack.sandboxUrl}/v1/fine_tuning/jobs/${run?.job_id}`);
      return ((await response.json()) as { status: string }).status;
    };
    if (kind === "cancelled" || (run?.status !== "running" && (await statusNow()) !== "succeeded"))
      return "pollTraining while it runs";
    await until("the end of the job", async () => (await statusNow()) === "succeeded", PATIENCE_SECONDS);
    return "pollTraining when it is done";
  }

  async function nameLook({ asOf }: { asOf: number }): Promise<string> {
    const row = await one("select status, probation_until from experiment where loop = $1");
    switch (row?.status) {
      case "running":
        if (!allRated) return "look that holds";
        return kind === "automatic" ? "look that promotes" : "look that asks";
      case "probation":
        return asOf >= Number(row.probation_until) ? "look that keeps" : "look in probation";
      default:
        return "look at another time";
    }
  }

  async function experimentId(): Promise<string> {
    return (await one("select id from experiment where loop = $1"))!.id as string;
  }

  async function one(text: string): Promise<Record<string, unknown> | undefined> {
    return (await site.stack.query(text, [loop]))[0];
  }

  async function untilRow(what: string, text: string): Promise<void> {
    await until(what, () => one(text), PATIENCE_SECONDS);
  }
}

/** A loop is made; people talk and rate, in every way there is, one rating before what it is about. */
async function begin(kind: LifeKind, loop: string, crowd: People): Promise<void> {
  const settings = {
    name: loop,
    model: { provider: "sandbox", name: "sandbox-base" },
    actionFrom: "/action",
    schedule: { every: "3650 days" },
    readiness: { minFeedback: 40, optimalFeedback: 1000 },
    triggers: { newSamples: 40 },
    snapshot: { validationShare: 0.5 },
    training: { trainer: "openai-wire" },
    experiment: {
      share: 0.6,
      minEvidence: "1 second",
      minDuration: "1 second",
      maxDuration: "1 hour",
      lookEvery: "1 second",
      guardrails: { error: null, slow: null, cost: null, quality: null }, // they want more answers than there are people here
    },
    promotion: { mode: kind === "automatic" ? "automatic" : "approval" },
    probation: { duration: kind === "automatic" ? "8 seconds" : "1 hour", holdback: 0.2 },
  };
  const made = await crowd.send("PUT", `/api/loops/${loop}`, settings, "PUT /loops");
  assert.ok(made.status < 300, JSON.stringify(made.body));

  const ids = Array.from({ length: 60 }, (_, index) => `${loop}-said-${index}`);
  const rating = (interaction: string, index: number): Rating => ({
    event: `${interaction}-rated`,
    interaction,
    user: `talker-${index % 20}`,
    value: index % 5 === 4 ? -1 : 1,
  });
  await crowd.rate([rating(ids[0]!, 0)], "POST /api/feedback, before its interaction");
  await crowd.record(ids, "POST /api/interactions");
  await crowd.rate(ids.map(rating).slice(1), "POST /api/feedback");
  await crowd.rateMessage(`${loop}-older`, "talker-1", "POST /api/feedback, the older shape");
  await crowd.chat("talker-2", "POST /v1/chat/completions");
}

async function manyAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const take = async () => {
    for (const [index, item] of waiting) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return results;
}

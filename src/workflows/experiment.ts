// An experiment: look every half hour, and through the look promote, ask, stop or keep on, until the probation is over.
// The row in PostgreSQL is the truth: this workflow drives it and hears of changes that others made to it.
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  currentUpdateInfo,
  defineSignal,
  defineUpdate,
  proxyActivities,
  rootCause,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { durationFault, instantInWords } from "../domain/duration.ts";
import type { ExperimentCommand } from "../domain/experiment.ts";
import { describe, own, type Standing, show } from "./legible.ts";

const act = proxyActivities<Activities>(own);

export interface ExperimentInput {
  loop: string;
  experimentId: string;
  /** When this run continues an earlier one: the instant of its first look, and how many signals the earlier ones had. */
  nextLook?: number;
  signals?: number;
}
/** What a command carries. The actor is what the sender says; through Temporal nobody checks it. */
export interface CommandPayload {
  actor: string;
  reason: string;
  override?: boolean;
  by?: string;
}
export interface CommandAnswer {
  status: string;
  outcome: string | null;
}

const KINDS = ["approve", "reject", "extend", "stop", "pause", "resume"] as const;
type Kind = (typeof KINDS)[number];
/** A search attribute holds 255 characters, and what is said of a payload must fit. */
const LONGEST_ACTOR = 100;
const LONGEST_REASON = 1_000;

export async function experiment(input: ExperimentInput): Promise<{ outcome: string | null; reason: string | null }> {
  const { loop, experimentId } = input;
  let told = false;
  /** Who sends a signal is not answered: what was not obeyed stands on the page. */
  let notObeyed: string | null = null;
  let shown: Standing | null = null;
  const refuse = (words: string) => {
    notObeyed = words;
    if (shown !== null) describe(shown, notObeyed);
  };
  let signals = input.signals ?? 0;

  // One after the other, in the order they came: a resume must not overtake the pause before it.
  let turn: Promise<unknown> = Promise.resolve();
  const obey = (kind: Kind, payload: CommandPayload, key: string): Promise<CommandAnswer> => {
    const mine = turn.then(() => carryOut(kind, payload, key));
    turn = mine.catch(ignoreRefusal);
    return mine;
  };
  const carryOut = async (kind: Kind, payload: CommandPayload, key: string) => {
    const answer = await act.commandExperiment.executeWithOptions({ ...own, summary: `${kind} by ${payload.actor}` }, [
      {
        loop,
        experimentId,
        key,
        command: commandOf(kind, payload),
        actor: `${payload.actor} (unverified, by ${key.startsWith("update/") ? "update" : "signal"})`,
        reason: payload.reason,
        asOf: Date.now(),
      },
    ]);
    told = true;
    return answer;
  };
  // After a reset Temporal brings what came since once more: an update with its id, signals without one, in their order.
  const updateKey = () => `update/${currentUpdateInfo()!.id}`;
  const signalKey = (number: number) => `signal/${workflowInfo().firstExecutionRunId}/${number}`;
  for (const kind of KINDS) {
    setHandler(defineUpdate<CommandAnswer, [CommandPayload]>(kind), (payload) => obey(kind, payload, updateKey()), {
      validator: (payload) => {
        const fault = faultOf(kind, payload);
        if (fault !== null) throw new Error(fault);
      },
    });
  }
  setHandler(defineSignal("rowChanged"), () => {
    told = true;
  });
  // One handler for all of them: with one for each name, those that came before the handlers would be sorted by name.
  setDefaultSignalHandler(async (name, given) => {
    const kind = KINDS.find((known) => known === name);
    if (kind === undefined) return refuse(`there is no signal "${name.slice(0, 40)}"; there are ${KINDS.join(", ")}`);
    const key = signalKey(++signals);
    const payload = given as CommandPayload;
    const fault = faultOf(kind, payload);
    if (fault !== null) return refuse(`a signal "${kind}": ${fault}`);
    await obey(kind, payload, key).catch((error) => refuse(`a signal "${kind}": ${rootCause(error) ?? "refused"}`));
  });

  let standing = await act.readExperiment.executeWithOptions({ ...own, summary: "where it stands" }, [
    { loop, experimentId },
  ]);
  const statusAtStart = standing.status;
  let nextLook = input.nextLook ?? Date.now() + standing.lookEvery;
  while (standing.status !== "closed") {
    if (standing.status !== statusAtStart || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof experiment>({ loop, experimentId, nextLook, signals });
    }
    const number = standing.looks + 1; // by the row: after a reset, those on record already are not waited for again
    const coming = `look ${number} at ${instantInWords(new Date(nextLook))}`;
    shown = { ...standing.shown, next: `${coming}; ${standing.shown.next}` };
    show(shown, notObeyed);
    const left = nextLook - Date.now();
    const summary = `${standing.shown.verdict}; ${coming}`;
    if (left > 0 && (await condition(() => told, left, { summary }))) {
      told = false;
      standing = await act.readExperiment.executeWithOptions({ ...own, summary: "its row has changed" }, [
        { loop, experimentId },
      ]);
    } else {
      const asOf = Date.now();
      standing = await act.look.executeWithOptions({ ...own, summary: `look ${number}` }, [
        { loop, experimentId, number, asOf },
      ]);
      nextLook = asOf + standing.lookEvery; // one that was late, after an outage, is followed by a fresh one at once
    }
  }
  show(standing.shown);
  await condition(allHandlersFinished);
  return { outcome: standing.outcome, reason: standing.reason };
}

function commandOf(kind: Kind, payload: CommandPayload): ExperimentCommand {
  if (kind === "extend") return { kind, by: payload.by ?? "" };
  if (kind === "approve") return { kind, override: payload.override === true };
  return { kind };
}

function faultOf(kind: Kind, payload: CommandPayload | undefined): string | null {
  if (typeof payload?.actor === "string" && payload.actor.length > LONGEST_ACTOR)
    return `the actor is longer than ${LONGEST_ACTOR} characters`;
  if (typeof payload?.reason === "string" && payload.reason.length > LONGEST_REASON)
    return `the reason is longer than ${LONGEST_REASON} characters`;
  if (typeof payload?.actor !== "string" || payload.actor.trim() === "")
    return `${kind} needs {"actor": "who", "reason": "why"}: the actor is missing`;
  if (typeof payload.reason !== "string" || payload.reason.trim() === "") return `${kind} needs a reason`;
  if (kind === "extend") return durationFault(payload.by ?? "");
  return null;
}

/** A signal has nobody to answer to: a refusal is in the activity's failure, for those who look. */
function ignoreRefusal(): void {}

// An experiment: look every half hour, act on the verdict, ask for approval, promote, watch the probation.
// The row in PostgreSQL is the truth: this workflow drives it and hears of changes that others made to it.
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import type { Activities, LookResult } from "../activities/index.ts";
import { durationFault, inWords } from "../domain/duration.ts";
import type { ExperimentCommand } from "../domain/experiment.ts";
import { own, show } from "./legible.ts";

const act = proxyActivities<Activities>(own);

export interface ExperimentInput {
  loop: string;
  experimentId: string;
  /** How many looks there were, when this run continues an earlier one. */
  looks?: number;
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

export async function experiment(input: ExperimentInput): Promise<{ outcome: string | null; reason: string | null }> {
  const { loop, experimentId } = input;
  let told = false;

  // One after the other, in the order they came: a resume must not overtake the pause before it.
  let turn: Promise<unknown> = Promise.resolve();
  const obey = (kind: Kind, payload: CommandPayload, channel: "update" | "signal"): Promise<CommandAnswer> => {
    const mine = turn.then(() => carryOut(kind, payload, channel));
    turn = mine.catch(ignoreRefusal);
    return mine;
  };
  const carryOut = async (kind: Kind, payload: CommandPayload, channel: "update" | "signal") => {
    const answer = await act.commandExperiment.executeWithOptions({ ...own, summary: `${kind} by ${payload.actor}` }, [
      {
        loop,
        experimentId,
        command: commandOf(kind, payload),
        actor: `${payload.actor} (unverified, by ${channel})`,
        reason: payload.reason,
        asOf: Date.now(),
      },
    ]);
    told = true;
    return answer;
  };
  for (const kind of KINDS) {
    setHandler(defineUpdate<CommandAnswer, [CommandPayload]>(kind), (payload) => obey(kind, payload, "update"), {
      validator: (payload) => {
        const fault = faultOf(kind, payload);
        if (fault !== null) throw new Error(fault);
      },
    });
    setHandler(defineSignal<[CommandPayload]>(kind), async (payload) => {
      if (faultOf(kind, payload) === null) await obey(kind, payload, "signal").catch(ignoreRefusal);
    });
  }
  setHandler(defineSignal("rowChanged"), () => {
    told = true;
  });

  let standing = await act.readExperiment.executeWithOptions({ ...own, summary: "where it stands" }, [
    { loop, experimentId },
  ]);
  let looks = input.looks ?? standing.looks;
  let nextLook = Date.now() + standing.lookEvery;
  while (standing.status !== "closed") {
    show(standing.shown);
    const left = nextLook - Date.now();
    if (left > 0 && (await condition(() => told, left, { summary: `look ${looks + 1} in ${inWords(left)}` }))) {
      told = false;
      standing = await act.readExperiment.executeWithOptions({ ...own, summary: "its row has changed" }, [
        { loop, experimentId },
      ]);
      continue;
    }
    looks += 1;
    const look = await act.look.executeWithOptions({ ...own, summary: `look ${looks}` }, [
      { loop, experimentId, number: looks, asOf: Date.now() },
    ]);
    nextLook = Date.now() + standing.lookEvery;
    const before = standing.status;
    standing = await follow(input, look);
    if (standing.status !== "closed" && (standing.status !== before || workflowInfo().continueAsNewSuggested)) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof experiment>({ loop, experimentId, looks });
    }
  }
  show({ ...standing.shown, next: "nothing: the experiment is over" });
  await condition(allHandlersFinished);
  return { outcome: standing.outcome, reason: standing.reason };
}

/** Does what the look decided. Each is one transaction that does nothing when someone was faster. */
async function follow({ loop, experimentId }: ExperimentInput, look: LookResult) {
  const input = { loop, experimentId, look: look.number, asOf: Date.now() };
  switch (look.next) {
    case "promote":
      return act.promote.executeWithOptions({ ...own, summary: "the challenger becomes champion" }, [input]);
    case "ask":
      return act.askApproval.executeWithOptions({ ...own, summary: "ask a person" }, [input]);
    case "conclude":
      return act.conclude.executeWithOptions({ ...own, summary: look.outcome ?? "conclude" }, [
        { ...input, outcome: look.outcome!, reason: look.reason },
      ]);
    case "wait":
      return look.standing;
    default:
      return look.next satisfies never;
  }
}

function commandOf(kind: Kind, payload: CommandPayload): ExperimentCommand {
  if (kind === "extend") return { kind, by: payload.by ?? "" };
  if (kind === "approve") return { kind, override: payload.override === true };
  return { kind };
}

function faultOf(kind: Kind, payload: CommandPayload | undefined): string | null {
  if (typeof payload?.actor !== "string" || payload.actor.trim() === "")
    return `${kind} needs {"actor": "who", "reason": "why"}: the actor is missing`;
  if (typeof payload.reason !== "string" || payload.reason.trim() === "") return `${kind} needs a reason`;
  if (kind === "extend") return durationFault(payload.by ?? "");
  return null;
}

/** A signal has nobody to answer to: a refusal is in the activity's failure, for those who look. */
function ignoreRefusal(): void {}

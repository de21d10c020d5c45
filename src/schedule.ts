// The pulse's schedule as Temporal keeps it: when it beats, what it starts, and the note that people read beside it.
import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from "@temporalio/client";
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from "@temporalio/common";
import { instantInWords, milliseconds } from "./domain/duration.ts";
import type { pulse } from "./workflows/index.ts";

/** What a schedule follows from: the loop's setting, and whether an operator has paused the loop. */
export interface PulseOf {
  name: string;
  every: string;
  pausedAt: Date | null;
}

/** When a pulse comes next. `paused` is the note of whoever paused the schedule in Temporal; null when nobody did. */
export interface NextPulse {
  at: Date | null;
  paused: string | null;
}

/**
 * How long a pulse may take. One that cannot succeed would keep all later ones from beginning, and nothing would be put right
 * any more; so it ends, and the next one says so and does its work.
 */
const LONGEST = "25 minutes" as const;

/** What every workflow of a loop is found by. */
export const ofLoop = (name: string) =>
  new TypedSearchAttributes([{ key: defineSearchAttributeKey("Loop", SearchAttributeType.KEYWORD), value: name }]);

const scheduleOf = (loop: string) => `pulse/${loop}`;

/** Makes or updates the schedule of a loop's pulse. Who paused it in Temporal finds it paused as before, with the note given then. */
export async function ensureSchedule(client: Client, taskQueue: string, loop: PulseOf): Promise<void> {
  const { name, every } = loop;
  const note = noteOf(loop);
  const spec = { intervals: [{ every: milliseconds(every) }] };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "15 minutes" as const };
  const action = {
    type: "startWorkflow" as const,
    workflowType: "pulse",
    workflowId: scheduleOf(name),
    taskQueue,
    args: [{ loop: name }] as Parameters<typeof pulse>,
    workflowRunTimeout: LONGEST,
    typedSearchAttributes: ofLoop(name),
    staticSummary: `pulse of ${name}`,
    staticDetails: PULSE_DETAILS,
  };
  try {
    await client.schedule.create<typeof pulse>({
      scheduleId: scheduleOf(name),
      spec,
      policies,
      action,
      state: { note },
      typedSearchAttributes: ofLoop(name),
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleOf(name)).update<typeof pulse>((previous) => ({
      ...previous,
      spec,
      policies,
      action,
      state: previous.state.paused ? previous.state : { ...previous.state, note },
    }));
  }
}

export async function triggerPulse(client: Client, loop: string): Promise<void> {
  await client.schedule.getHandle(scheduleOf(loop)).trigger(ScheduleOverlapPolicy.SKIP);
}

/** When the next pulse comes: never, for a loop without a schedule or while somebody has paused it in Temporal. */
export async function readNextPulse(client: Client, loop: string): Promise<NextPulse> {
  try {
    const { info, state } = await client.schedule.getHandle(scheduleOf(loop)).describe();
    return state.paused
      ? { at: null, paused: state.note ?? "" }
      : { at: info.nextActionTimes[0] ?? null, paused: null };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return { at: null, paused: null };
    throw error;
  }
}

const PULSE_DETAILS = `The loop's heartbeat. It puts right what a crash or a hand left behind, takes in what people said since
the last one, looks at the loop's health, opens and closes alerts, and starts a cycle when a retrain is due.`;

function noteOf({ name, every, pausedAt }: PulseOf): string {
  if (pausedAt !== null)
    return `Loop ${name} is paused since ${instantInWords(pausedAt)}: pulses go on looking and start no cycle (ratchet loop resume).`;
  return `Looks at loop ${name} every ${every}, and starts a cycle when a retrain is due. To keep it from starting one: ratchet loop pause. Pausing it here stops the looking, too: no alerts, and nothing is put right.`;
}

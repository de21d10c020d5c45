// Talking to Temporal from outside a workflow: connect, schedules, start, ask and tell.
import {
  ApplicationFailure,
  Client,
  Connection,
  type ConnectionOptions,
  type WorkflowClientInterceptor,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import proto from "@temporalio/proto"; // CommonJS: its names cannot be imported one by one
import { Fault } from "./domain/fault.ts";
import { TASK_QUEUE } from "./domain/task-queues.ts";
import type { WorkflowSeen } from "./domain/workflow-seen.ts";
import { ensureSchedule, type NextPulse, ofLoop, type PulseOf, readNextPulse, triggerPulse } from "./schedule.ts";
import type { cycle, experiment, rebuild } from "./workflows/index.ts";

/** What our workflows are found by, all of type Keyword. */
export const SEARCH_ATTRIBUTES = ["Loop", "Stage", "Verdict", "Actor"] as const;

export interface TemporalSettings {
  address: string;
  namespace: string;
  apiKey: string | null;
  tls: NonNullable<ConnectionOptions["tls"]>;
}

/** The workflows, seen from outside. Every call throws a Fault `unavailable` when Temporal does not answer. */
export interface Workflows {
  /** Starts the workflow of a cycle's row; harmless when it runs already. */
  startCycle(input: { loop: string; cycleId: string }): Promise<void>;
  startExperiment(input: { loop: string; experimentId: string }): Promise<void>;
  /** Tells a workflow that its row has changed. Harmless when it is over. */
  tellExperiment(experimentId: string): Promise<void>;
  cancelCycle(cycleId: string): Promise<void>;
  /** Makes a snapshot again and says whether it comes out the same; who asks meanwhile hears the same answer. */
  rebuildSnapshot(input: { loop: string; snapshotId: string }): ReturnType<typeof rebuild>;
  see(workflowId: string): Promise<WorkflowSeen>;
  /** Makes or updates the schedule of a loop's pulse. An operator's pause stays. */
  ensurePulse(loop: PulseOf): Promise<void>;
  pulseNow(loop: string): Promise<void>;
  nextPulse(loop: string): Promise<NextPulse>;
  close(): Promise<void>;
}

/** What a stranger who opens a workflow's page should know of its kind. Its buttons work on the workflow, and not on what it stands for. */
const DETAILS = {
  cycle: `One pass of learning: choose what may be learned from, train a candidate, test it on the gold set, and hand it to an
experiment. To end it, use \`ratchet cycle cancel\`: its job at the trainer is cancelled, too. A cycle that is cancelled or
terminated here is put in order by the next pulse.

\u00a0`,
  experiment: `A challenger answers some of the users, the champion the others; what people say of the answers is read at every look.
It is promoted when the evidence says that it is better, stopped when it does harm, and watched for a while after a promotion.
Decide by \`ratchet experiment approve | reject | extend | stop\` and \`ratchet rollback\`. An experiment that is cancelled or
terminated here is closed by the next pulse, and the champion answers everybody.

\u00a0`,
} as const;

/** Of what Temporal calls a workflow's status; every other one is an end otherwise than by itself. */
const STATES: Readonly<Record<string, WorkflowSeen["state"]>> = {
  RUNNING: "running",
  COMPLETED: "completed",
  CONTINUED_AS_NEW: "completed",
  TIMED_OUT: "out_of_time",
};

/** What a connection to these settings needs; the worker's native one takes the same. */
export const connectionOptions = ({ address, apiKey, tls }: TemporalSettings) => ({
  address,
  ...(apiKey === null ? { tls } : { apiKey, tls: tls === false ? true : tls }),
});

/** Connects. Throws a Fault that names the address when nobody is there. `interceptors` see every call to a workflow. */
export async function connectTemporal(
  settings: TemporalSettings,
  interceptors: WorkflowClientInterceptor[] = [],
): Promise<{ client: Client; connection: Connection; workflows: Workflows }> {
  const { address, namespace } = settings;
  const connection = await Connection.connect({ ...connectionOptions(settings), connectTimeout: "10 seconds" }).catch(
    (error: unknown) => {
      throw new Fault(
        "unavailable",
        `Temporal does not answer at ${address} (${error instanceof Error ? error.message : error})`,
        {
          hint: "is the server running, and does TEMPORAL_ADDRESS point at it?",
          cause: error,
        },
      );
    },
  );
  const client = new Client({ connection, namespace, interceptors: { workflow: interceptors } });
  return { client, connection, workflows: workflowsOf(client) };
}

/** The workflows of a server that need not be there yet: serving and recording go on without it. */
export function reachTemporal(settings: TemporalSettings, interceptors: WorkflowClientInterceptor[] = []): Workflows {
  const connection = Connection.lazy(connectionOptions(settings));
  const { namespace } = settings;
  return workflowsOf(new Client({ connection, namespace, interceptors: { workflow: interceptors } }));
}

/** The workflows behind a client. */
export function workflowsOf(client: Client): Workflows {
  const start = async (type: "cycle" | "experiment", id: string, input: { loop: string }, summary: string) => {
    try {
      await client.workflow.start<typeof cycle | typeof experiment>(type, {
        taskQueue: TASK_QUEUE,
        workflowId: id,
        args: [input as never],
        typedSearchAttributes: ofLoop(input.loop),
        staticSummary: summary,
        staticDetails: DETAILS[type],
        workflowIdReusePolicy: "ALLOW_DUPLICATE",
        workflowIdConflictPolicy: "FAIL",
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };
  const see = async (workflowId: string): Promise<WorkflowSeen> => {
    try {
      const { status, runId, raw } = await client.workflow.getHandle(workflowId).describe();
      return {
        state: STATES[status.name] ?? "ended",
        run: runId,
        reset: raw.workflowExtendedInfo?.lastResetTime != null,
      };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { state: "missing", run: null, reset: false };
      throw error;
    }
  };
  return guarded({
    startCycle: (input) =>
      withAttributes(client, () => start("cycle", `cycle/${input.cycleId}`, input, `cycle of ${input.loop}`)),
    startExperiment: (input) =>
      withAttributes(client, () =>
        start("experiment", `experiment/${input.experimentId}`, input, `experiment of ${input.loop}`),
      ),
    tellExperiment: (id) => unlessGone(async () => client.workflow.getHandle(`experiment/${id}`).signal("rowChanged")),
    cancelCycle: (id) => unlessGone(async () => void (await client.workflow.getHandle(`cycle/${id}`).cancel())),
    rebuildSnapshot: (input) =>
      itsFault(() =>
        client.workflow.execute<typeof rebuild>("rebuild", {
          taskQueue: TASK_QUEUE,
          workflowId: `rebuild/${input.snapshotId}`,
          args: [input],
          typedSearchAttributes: ofLoop(input.loop),
          staticSummary: `a snapshot of ${input.loop}, made again`,
          workflowIdConflictPolicy: "USE_EXISTING",
        }),
      ),
    see,
    ensurePulse: (loop) => withAttributes(client, () => ensureSchedule(client, TASK_QUEUE, loop)),
    pulseNow: (loop) => triggerPulse(client, loop),
    nextPulse: (loop) => readNextPulse(client, loop),
    close: () => client.connection.close(),
  });
}

/** Does `work`. A Temporal that lost its data does not know our search attributes: they are registered, and it is done again. */
async function withAttributes(client: Client, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!saysOfAny(error, (at) => /search attribute/i.test(at.message))) throw error;
    await ensureSearchAttributes(client.connection as Connection, client.options.namespace);
    await work();
  }
}

/** Registers those of our search attributes that the namespace lacks. Safe to call again. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in customAttributes));
  if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
}

/** Registers search attributes of type Keyword that the namespace does not have yet. */
export async function addSearchAttributes(
  connection: Connection,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/** The result of a workflow that was waited for; a Fault that ended it comes out as one. */
async function itsFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    let cause: unknown = error;
    while (cause instanceof Error && !(cause instanceof ApplicationFailure)) cause = cause.cause;
    if (!(cause instanceof ApplicationFailure) || !cause.type?.startsWith("Fault.")) throw error;
    throw new Fault(cause.type.slice("Fault.".length) as Fault["code"], cause.message, { cause: error });
  }
}

async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** Turns "nobody answers" into a Fault; everything else passes as it is. */
function guarded(workflows: Workflows): Workflows {
  const entries = Object.entries(workflows).map(([name, call]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (call as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        if (!unreachable(error)) throw error;
        throw new Fault("unavailable", "Temporal does not answer", {
          hint: "what was decided is kept; the workflow hears of it when Temporal is back",
          cause: error,
        });
      }
    },
  ]);
  return Object.fromEntries(entries) as Workflows;
}

const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;
function unreachable(error: unknown): boolean {
  return saysOfAny(error, (at) => {
    const { code } = at as { code?: unknown };
    return code === UNAVAILABLE || code === DEADLINE_EXCEEDED;
  });
}

/** Whether something holds of an error, or of one that caused it. */
function saysOfAny(error: unknown, holds: (error: Error) => boolean): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++)
    if (holds(at)) return true;
  return false;
}

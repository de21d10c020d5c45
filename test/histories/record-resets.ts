// Workflows that somebody reset: what the new run has of the old one, and how it went on. On the dev server.
import { newId } from "../../src/domain/id.ts";
import type { World } from "../support/world.ts";
import { loopLife, QUICK, SECONDS } from "../workflows/loop-life.ts";
import type { Keep } from "./record.ts";
import { WIRE } from "./record-cycles.ts";

const WHO = { actor: "ada", reason: "a recording" };

export async function recordResets(world: World, keep: Keep): Promise<void> {
  const life = loopLife(world);
  const { client, namespace } = world.environment;

  /** Resets to its first task that was completed, or to its last one: what came after is done again. */
  async function reset(workflowId: string, to: "find" | "findLast"): Promise<void> {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    await client.workflowService.resetWorkflowExecution({
      namespace: namespace ?? "default",
      workflowExecution: { workflowId },
      reason: "a recording",
      workflowTaskFinishEventId: events![to]((event) => event.workflowTaskCompletedEventAttributes)!.eventId!,
      requestId: newId(),
    });
  }

  await world.applyLoop({ name: "training", ...WIRE });
  await life.withFaults([{ kind: "job-slow", ms: 4_000 }], async () => {
    const id = await life.duePulse("training");
    await life.untilRow("a job", "select 1 from training_run where cycle_id = $1 and status = 'running'", [id]);
    await reset(`cycle/${id}`, "findLast");
    await life.cycleResult(id);
    await keep("cycle-reset-training", `cycle/${id}`);
    await reset(`cycle/${id}`, "find");
    await life.cycleResult(id);
    await keep("cycle-reset-ended", `cycle/${id}`);
  });
  await reset("pulse/training", "find");
  await client.workflow.getHandle("pulse/training").result();
  await keep("pulse-reset", "pulse/training");

  await world.applyLoop({ name: "open", ...QUICK, experiment: SECONDS });
  const id = await life.underExperiment("open");
  await life.untilRow("two looks", "select 1 from look where experiment_id = $1 having count(*) >= 2", [id]);
  await reset(`experiment/${id}`, "find");
  await life.untilRow("four looks", "select 1 from look where experiment_id = $1 having count(*) >= 4", [id]);
  await life.experimentHandle(id).executeUpdate("stop", { args: [WHO] });
  await life.experimentHandle(id).result();
  await keep("experiment-reset", `experiment/${id}`);
}

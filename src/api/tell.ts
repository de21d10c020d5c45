// Tells a workflow what was decided, after it was decided. A workflow that does not hear reads its row at its next look.
import type { Workflows } from "../client.ts";
import { Fault } from "../domain/fault.ts";
import type { ApiDeps } from "./api-deps.ts";

const PATIENCE = 5_000;

/** False when nobody heard; that is logged, and never an error for the caller, since the decision is committed. */
export async function tell(
  { workflows, log }: Pick<ApiDeps, "workflows" | "log">,
  what: { command: string; loop: string },
  work: (workflows: Workflows) => Promise<unknown>,
): Promise<boolean> {
  try {
    await withPatience(work(workflows), PATIENCE);
    return true;
  } catch (error) {
    const expected = error instanceof Fault && error.code === "unavailable";
    const entry = {
      event: "workflow_not_told" as const,
      ...what,
      error: error instanceof Error ? error.message : String(error),
    };
    if (expected) log.warn(entry);
    else log.error(entry);
    return false;
  }
}

/** The result, or a Fault `unavailable` when it takes longer than `milliseconds`. */
export async function withPatience<T>(work: Promise<T>, milliseconds: number, who = "Temporal"): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Fault("unavailable", `${who} did not answer within ${milliseconds / 1000} seconds`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // when it fails after we stopped waiting
  }
}

// Our workflows with one careless change: the pulse does one activity more, without `patched()`. For replay.test.ts.
import { proxyActivities } from "@temporalio/workflow";
import type { Activities } from "../../../src/activities/index.ts";
import { pulse as former } from "../../../src/workflows/pulse.ts";

export { cycle } from "../../../src/workflows/cycle.ts";
export { experiment } from "../../../src/workflows/experiment.ts";

const act = proxyActivities<Activities>({ startToCloseTimeout: "1 minute" });

export async function pulse(input: { loop: string }) {
  await act.collect({ ...input, asOf: Date.now() });
  return former(input);
}

// The same change as it should be made: behind `patched()`, so that what began before it goes on as it began.
import { patched, proxyActivities } from "@temporalio/workflow";
import type { Activities } from "../../../src/activities/index.ts";
import * as former from "../../../src/workflows/index.ts";

const act = proxyActivities<Activities>({ startToCloseTimeout: "1 minute" });

const changed =
  <Input extends { loop: string }, Result>(workflow: (input: Input) => Promise<Result>) =>
  async (input: Input): Promise<Result> => {
    if (patched("one activity more")) await act.collect({ loop: input.loop, asOf: Date.now() });
    return workflow(input);
  };

export const pulse = changed(former.pulse);
export const cycle = changed(former.cycle);
export const experiment = changed(former.experiment);

// Makes a snapshot again from its manifest and says whether it comes out to the byte: for whoever doubts what a model was taught.
import { proxyActivities } from "@temporalio/workflow";
import type { HeavyActivities } from "../activities/index.ts";
import { heavy, show } from "./legible.ts";

const work = proxyActivities<HeavyActivities>(heavy);

export async function rebuild(input: { loop: string; snapshotId: string }): ReturnType<HeavyActivities["rebuild"]> {
  show({
    stage: "rebuild",
    what: "makes the snapshot again from its manifest",
    next: "compare it with the one that is kept",
  });
  const rebuilt = await work.rebuild.executeWithOptions({ ...heavy, summary: "make the snapshot again" }, [input]);
  const different = rebuilt.different.join(", ");
  const what = rebuilt.same ? "the snapshot came out the same, to the byte" : `it came out otherwise: ${different}`;
  show({ stage: "done", what, why: rebuilt.words, next: "nothing" });
  return rebuilt;
}

// Sleeps for two days and marks its stage, to see that a test server skips the time and knows our search attributes.
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { sleep, upsertSearchAttributes } from "@temporalio/workflow";

const stage = defineSearchAttributeKey("Stage", SearchAttributeType.KEYWORD);

export async function sleeping(): Promise<string> {
  upsertSearchAttributes([{ key: stage, value: "asleep" }]);
  await sleep("48 hours");
  return "awake";
}

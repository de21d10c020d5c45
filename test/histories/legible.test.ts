// Who has only Temporal's Web UI must be able to follow: every step says what it is for, and every list where it stands.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
/** What Temporal takes as a summary. */
const LONGEST_SUMMARY = 200;

interface Payload {
  data: string;
}
interface Event {
  eventType: string;
  userMetadata?: { summary?: Payload; details?: Payload };
  workflowExecutionStartedEventAttributes?: { continuedExecutionRunId?: string };
  upsertWorkflowSearchAttributesEventAttributes?: { searchAttributes: { indexedFields: Record<string, Payload> } };
}

const histories = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => {
    const { events } = JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8")) as { events: Event[] };
    return { name, events };
  });
const read = (payload: Payload | undefined): unknown =>
  payload === undefined ? undefined : JSON.parse(Buffer.from(payload.data, "base64").toString());
const ofType = (events: readonly Event[], type: string) => events.filter(({ eventType }) => eventType === type);

test("every activity and every timer has a summary that Temporal shows whole", () => {
  let steps = 0;
  for (const { name, events } of histories) {
    for (const type of ["EVENT_TYPE_ACTIVITY_TASK_SCHEDULED", "EVENT_TYPE_TIMER_STARTED"])
      for (const { userMetadata } of ofType(events, type)) {
        const summary = read(userMetadata?.summary);
        assert.ok(typeof summary === "string" && summary !== "", `${name}: ${type}`);
        assert.ok(Buffer.byteLength(summary) <= LONGEST_SUMMARY, `${name}: ${summary}`);
        steps++;
      }
  }
  assert.ok(steps > 100, `${steps} steps in ${histories.length} histories`);
});

test("every workflow says at its start what it is", () => {
  for (const { name, events } of histories) {
    if (events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId) continue; // started without
    const start = read(events[0]?.userMetadata?.summary);
    if (name.startsWith("pulse")) continue; // its schedule says it, and these were started by hand
    assert.match(String(start), /^(cycle|experiment) of /, name);
    assert.ok(String(read(events[0]?.userMetadata?.details)).length > 100, `${name} has details`);
  }
});

test("every workflow tells its stage before it does anything, and again at its end", () => {
  for (const { name, events } of histories) {
    const stages = ofType(events, "EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES").map(
      (event) =>
        read(event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes.indexedFields.Stage) as string,
    );
    assert.ok(stages.length >= 1, name);
    if (name.startsWith("cycle") || name.startsWith("pulse")) {
      const first = events.findIndex(({ eventType }) => eventType === "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED");
      const told = events.findIndex(({ eventType }) => eventType === "EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES");
      assert.ok(told < first, `${name} works before it says at what`);
    }
    if (name.startsWith("experiment") && ofType(events, "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED").length > 0)
      assert.equal(stages.at(-1), "closed", name);
    if (name.startsWith("pulse")) assert.equal(stages.at(-1), "done", name);
  }
});

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

let world: ApiWorld;
let loop = "";
let made = 0;

before(async () => {
  world = await openApiWorld();
  world.now = Date.parse("2026-03-10T12:00:00Z");
});
beforeEach(async () => {
  loop = `loop-${++made}`;
  await world.loop({ name: loop, readiness: { minFeedback: 5, optimalFeedback: 10 } });
});
after(() => world.close());

const said = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  messages: [{ role: "user", content: `please ${id}` }],
  response: "done",
  action_type: "todo",
  ...more,
});
const post = (path: string, body: unknown) => world.ask("POST", `${path}?loop=${loop}`, { body });
const record = (...items: unknown[]) => post("/api/interactions", items);
const rate = (body: unknown) => post("/api/feedback", body);
const summary = async () => (await world.ask("GET", `/api/feedback?type=summary&loop=${loop}`)).json;
const sums = (up: number, down: number, action = "todo") => ({
  summary:
    up + down === 0
      ? []
      : [
          {
            action_type: action,
            total_feedback: up + down,
            thumbs_up: up,
            thumbs_down: down,
            approval_rate: Math.round((1000 * up) / (up + down)) / 10,
          },
        ],
});

test("one interaction answers one id, a list answers ids in order, and a repeat gets the id that it had", async () => {
  const one = await post("/api/interactions", said("a"));
  assert.equal(one.status, 201);
  const many = await record(said("b"), said("a"), said("c"));
  assert.deepEqual(Object.keys(many.json), ["data"]);
  assert.equal(many.json.data[1].id, one.json.id);
  const [{ count }] = (await world.database.query("select count(*)::int as count from interaction where loop = $1", [
    loop,
  ])) as [{ count: number }];
  assert.equal(count, 3);
});

test("a rating is in the summary as soon as it is answered, and the same event twice counts once", async () => {
  await record(said("a"));
  const first = await rate({ interaction_id: "a", user_id: "u", value: 1, event_id: "e1" });
  assert.equal(first.status, 202);
  assert.deepEqual(await summary(), sums(1, 0));
  const second = await rate({ interaction_id: "a", user_id: "u", value: 1, event_id: "e1" });
  assert.equal(second.json.id, first.json.id);
  assert.deepEqual(await summary(), sums(1, 0));
});

test("the older shape records the interaction too, and sending it twice changes nothing", async () => {
  const body = {
    message_id: "m1",
    feedback: "up",
    user_id: "u",
    user_message: "buy milk",
    assistant_response: "added",
    action_type: "grocery",
    action_data: { item: "milk" },
  };
  assert.equal((await rate(body)).status, 202);
  assert.equal((await rate(body)).status, 202);
  assert.deepEqual(await summary(), sums(1, 0, "grocery"));
  const rows = await world.database.query(
    "select unit, messages, response, action_data from interaction where loop = $1",
    [loop],
  );
  assert.deepEqual(rows, [
    {
      unit: world.hash(loop, "user:u"),
      messages: [{ role: "user", content: "buy milk" }],
      response: { role: "assistant", content: "added" },
      action_data: { item: "milk" },
    },
  ]);
  await rate({ ...body, feedback: "down" });
  assert.deepEqual(await summary(), sums(0, 1, "grocery"));
});

test("both shapes may stand in one list, and their ids come in its order", async () => {
  await record(said("a"));
  const older = { message_id: "m", feedback: "down", user_message: "x", assistant_response: "y", action_type: "todo" };
  const answer = await rate([
    { interaction_id: "a", value: "up" },
    older,
    { interaction_id: "a", user_id: "v", value: false },
  ]);
  assert.equal(answer.status, 202);
  const rows = await world.database.query("select id, value, rater from feedback where loop = $1", [loop]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  assert.deepEqual(
    answer.json.data.map(({ id }: { id: string }) => byId.get(id)?.value),
    [1, -1, -1],
  );
  assert.deepEqual(await summary(), sums(1, 2));
});

test("feedback that comes before its interaction is kept, and counted once that comes", async () => {
  assert.equal((await rate({ interaction_id: "later", user_id: "u", value: 1 })).status, 202);
  assert.deepEqual(await summary(), sums(0, 0));
  await record(said("later"));
  assert.deepEqual(await summary(), sums(1, 0));
});

test("a rating can be changed and withdrawn, and the highest revision wins however they arrive", async () => {
  await record(said("a"));
  const send = (value: unknown, revision?: number) =>
    rate({ interaction_id: "a", user_id: "u", value, ...(revision === undefined ? {} : { revision }) });
  await send(1);
  await send(-1);
  assert.deepEqual(await summary(), sums(0, 1));
  await send(null);
  assert.deepEqual(await summary(), sums(0, 0));
  await send(1, 5);
  await send(-1, 3);
  assert.deepEqual(await summary(), sums(1, 0));
  await send(null, 6);
  assert.deepEqual(await summary(), sums(0, 0));
});

test("one bad item in a list is named by its index and field, and nothing of the list is recorded", async () => {
  await record(said("a"));
  const answer = await rate([
    { interaction_id: "a", value: 1 },
    { interaction_id: "a", value: 1, stars: 3 },
    { interaction_id: "", value: {} },
  ]);
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const places = answer.json.faults.map(({ place }: { place: string }) => place);
  assert.deepEqual(places, ["[1].stars", "[2].interaction_id", "[2].value"]);
  assert.deepEqual(await summary(), sums(0, 0));
  const older = await rate({ message_id: "m", feedback: "sideways", user_message: "x", assistant_response: "y" });
  assert.match(older.json.detail, /"feedback" must be "up" or "down"/);
});

test("stars that are sent as thumbs are refused, and taken under a name of their own", async () => {
  await record(said("a"));
  const stars = await rate([
    { interaction_id: "a", value: 1 },
    { interaction_id: "a", value: 5 },
  ]);
  assert.equal(stars.status, 400);
  assert.match(stars.json.detail, /"\[1\]\.value" is no thumb: a thumb is 1 or -1.* under a name of their own/);
  assert.deepEqual(await summary(), sums(0, 0));
  assert.equal((await rate({ interaction_id: "a", name: "stars", value: 5 })).status, 202);
  assert.deepEqual(await summary(), sums(0, 0));
});

test("words under the name of a metric that the settings compare are refused: no experiment could count them", async () => {
  await world.loop({ name: loop, experiment: { metrics: [{ name: "effort", better: "lower", margin: 1 }] } });
  await record(said("a"));
  const words = await rate([
    { interaction_id: "a", name: "tone", value: "warm" },
    { interaction_id: "a", name: "effort", value: "much" },
  ]);
  assert.equal(words.status, 400);
  assert.match(words.json.detail, /"\[1\]\.value" is a text, and "effort" is a metric of this loop: send a number/);
  for (const value of [3, true, null])
    assert.equal((await rate({ interaction_id: "a", name: "effort", value })).status, 202);
  assert.equal((await rate({ interaction_id: "a", name: "tone", value: "warm" })).status, 202);
});

test("more than a thousand items, an empty list and more than ten megabytes are refused", async () => {
  const item = { interaction_id: "a", value: 1 };
  const many = await rate(Array.from({ length: 1001 }, () => item));
  assert.equal(many.status, 400);
  assert.match(many.json.detail, /1,000 entries; this one has 1,001/);
  assert.equal((await rate([])).status, 400);
  const large = await rate({ ...item, comment: "x".repeat(10_000_001) });
  assert.equal(large.status, 413);
  assert.match(large.json.detail, /larger than 10 MB/);
});

test("numbers and dates beyond what can be kept are the caller's fault, not the server's", async () => {
  for (const more of [{ input_tokens: 2 ** 40 }, { at: "0000-01-01T00:00:00Z" }, { latency_ms: 1e300 }]) {
    const answer = await record(said("odd", more));
    assert.equal(answer.status, 400, `${JSON.stringify(more)}: ${answer.text}`);
  }
});

test("recent feedback comes newest first, a page at a time", async () => {
  await record(said("a"));
  for (const user_id of ["u1", "u2", "u3"]) await rate({ interaction_id: "a", user_id, value: 1, comment: user_id });
  const first = (await world.ask("GET", `/api/feedback?loop=${loop}&limit=2`)).json;
  assert.deepEqual(
    first.data.map((row: { comment: string }) => row.comment),
    ["u3", "u2"],
  );
  assert.equal(first.has_more, true);
  const second = (await world.ask("GET", `/api/feedback?loop=${loop}&limit=2&cursor=${first.next_cursor}`)).json;
  assert.deepEqual(
    second.data.map((row: { comment: string }) => row.comment),
    ["u1"],
  );
  assert.deepEqual([second.has_more, second.next_cursor], [false, null]);
  assert.equal((await world.ask("GET", `/api/feedback?loop=${loop}&cursor=nonsense`)).status, 400);
});

test("the summary and the learning dashboard say exactly this", async () => {
  await record(
    ...Array.from({ length: 4 }, (_, index) => said(`t${index}`, { at: "2026-03-10T08:00:00Z" })),
    said("g", { action_type: "grocery", at: "2026-03-08T08:00:00Z" }),
    said("n", { action_type: null, at: "2026-03-08T09:00:00Z" }),
    said("old", { at: "2026-01-01T00:00:00Z" }),
  );
  const up = ["t0", "t1", "t2", "g", "old"].map((id) => ({ interaction_id: id, value: 1 }));
  await rate([...up, { interaction_id: "t3", value: -1 }, { interaction_id: "n", value: -1 }]);
  assert.deepEqual(await summary(), {
    summary: [
      { action_type: "todo", total_feedback: 5, thumbs_up: 4, thumbs_down: 1, approval_rate: 80 },
      { action_type: "grocery", total_feedback: 1, thumbs_up: 1, thumbs_down: 0, approval_rate: 100 },
      { action_type: "unknown", total_feedback: 1, thumbs_up: 0, thumbs_down: 1, approval_rate: 0 },
    ],
  });
  assert.deepEqual((await world.ask("GET", `/api/admin/learning-dashboard?loop=${loop}`)).json, {
    current: { total_feedback: 7, thumbs_up: 5, thumbs_down: 2, approval_rate: 71.4 },
    trend: [
      { date: "2026-03-08", feedback_count: 2, approval_rate: 50 },
      { date: "2026-03-10", feedback_count: 4, approval_rate: 75 },
    ],
    by_action: [
      { action_type: "todo", count: 5, approval_rate: 80 },
      { action_type: "grocery", count: 1, approval_rate: 100 },
      { action_type: "unknown", count: 1, approval_rate: 0 },
    ],
    learning_status: {
      ready_for_training: true,
      readiness: "ready",
      feedback_count: 7,
      needed_for_training: 0,
      approval_rate: 71.4,
      health: "needs_improvement",
    },
  });
});

test("prompts rated down more than twice become a pattern, near-copies together", async () => {
  const prompts = [
    "Remind me at 5 to call Mum!",
    "call mum, remind me at 10 please",
    "remind me to call Mum at 7",
    "something else",
  ];
  await record(...prompts.map((content, index) => said(`p${index}`, { messages: [{ role: "user", content }] })));
  await rate(prompts.map((_, index) => ({ interaction_id: `p${index}`, value: -1 })));
  const { data } = (await world.ask("GET", `/api/feedback/patterns?loop=${loop}`)).json;
  assert.equal(data.length, 1);
  assert.equal(data[0].count, 3);
  assert.equal(data[0].trend.direction, "rising");
  assert.equal(data[0].examples.length, 3);
});

test("a failure pattern is told by what was said last, and never by what may not be learned from", async () => {
  const talk = (last: string) => ({
    messages: [
      { role: "user", content: "good morning" },
      { role: "assistant", content: "good morning" },
      { role: "user", content: [{ type: "text", text: last }] },
    ],
  });
  const ids = ["one", "two", "three"];
  const secrets = ids.map((id) => `secret-${id}`);
  await record(...ids.map((id) => said(id, talk("water the plants"))));
  await record(...secrets.map((id) => said(id, { ...talk("hide the diary"), store: false })));
  await rate([...ids, ...secrets].map((id) => ({ interaction_id: id, value: -1 })));
  const { data } = (await world.ask("GET", `/api/feedback/patterns?loop=${loop}`)).json;
  assert.deepEqual(
    data.map((pattern: { prompt: string; count: number }) => [pattern.prompt, pattern.count]),
    [["water the plants", 3]],
  );
});

test("the export holds what people approved of and allowed, redacted, and nothing else", async () => {
  const ask = (content: string) => ({ messages: [{ role: "user", content }] });
  await record(
    said("liked", ask("write to jane@example.com")),
    said("disliked"),
    said("disputed"),
    said("private", { store: false }),
    said("failed", { error: "timeout", response: null }),
    said("unrated"),
  );
  const up = ["liked", "disputed", "private", "failed"].map((id) => ({ interaction_id: id, user_id: "u", value: 1 }));
  await rate([
    ...up,
    { interaction_id: "disliked", value: -1 },
    { interaction_id: "disputed", user_id: "v", value: -1 },
  ]);
  const answer = await world.ask("GET", `/api/feedback/export?format=openai&loop=${loop}`);
  assert.equal(answer.status, 200);
  const lines = answer.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines, [
    {
      messages: [
        { role: "user", content: "write to [EMAIL_1]" },
        { role: "assistant", content: "done" },
      ],
      metadata: { feedback: "up", action_type: "todo" },
    },
  ]);
  assert.equal((await world.ask("GET", `/api/feedback/export?format=csv&loop=${loop}`)).status, 400);
});

test("an export larger than one chunk comes whole and in order", async () => {
  const ids = Array.from({ length: 1_050 }, (_, index) => `n${String(index).padStart(4, "0")}`);
  for (const part of [ids.slice(0, 700), ids.slice(700)]) {
    await record(...part.map((id) => said(id)));
    await rate(part.map((id) => ({ interaction_id: id, value: 1 })));
  }
  const { text } = await world.ask("GET", `/api/feedback/export?loop=${loop}`);
  const prompts = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).messages[0].content);
  assert.equal(new Set(prompts).size, 1_050);
});

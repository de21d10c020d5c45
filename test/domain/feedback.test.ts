import assert from "node:assert/strict";
import { test } from "node:test";
import { feedbackFrom, messageRatingInput, ratingInput, thumbOf } from "../../src/domain/feedback.ts";

const kept = (more: Record<string, unknown>) =>
  feedbackFrom(ratingInput.parse({ interaction_id: "i", ...more }), (unit) => `#${unit}`);
const refused = (more: Record<string, unknown>) =>
  !ratingInput.safeParse({ interaction_id: "i", value: 1, ...more }).success;

test("the least that is needed is a thumb of nobody", () => {
  assert.deepEqual(kept({ value: 1 }), {
    interaction: "i",
    name: "thumb",
    rater: "",
    value: 1,
    reasons: [],
    comment: null,
    correction: null,
    actionType: null,
    eventId: null,
    revision: null,
  });
});

test("a rater is kept as a hash of the user, never of the conversation", () => {
  assert.equal(kept({ value: 1, user_id: "ada" }).rater, "#user:ada");
  assert.equal(kept({ value: 1, user_id: null }).rater, "");
});

test("1, -1, up, down, true and false are thumbs, and null withdraws", () => {
  const values = [
    [1, 1],
    [-1, -1],
    ["up", 1],
    ["down", -1],
    [true, 1],
    [false, -1],
    [null, null],
  ];
  for (const [value, expected] of values) assert.equal(kept({ value }).value, expected);
});

test("a thumb is nothing else: stars and words are refused, and told to take a name of their own", () => {
  for (const value of [5, 2, 0.5, 0, -0, -3, 1.0001, "good", "UP", "1", ""]) {
    assert.ok(refused({ value }), JSON.stringify(value));
    assert.ok(refused({ value, name: "thumb" }), JSON.stringify(value));
  }
  const { error } = ratingInput.safeParse({ interaction_id: "i", value: 5 });
  assert.deepEqual(error?.issues[0]?.path, ["value"]);
  assert.match(
    error?.issues[0]?.message ?? "",
    /a thumb is 1 or -1, or null .*; send stars, .* under a name of their own/,
  );
});

test("under another name numbers and words stay as they are, and true is 1", () => {
  const values = [
    [5, 5],
    [0.5, 0.5],
    [-3, -3],
    [0, 0],
    ["good", "good"],
    ["", ""],
    [true, 1],
    [false, 0],
    [null, null],
  ];
  for (const [value, expected] of values) assert.equal(kept({ name: "stars", value }).value, expected);
});

test("only a number that is not nought, under the name thumb, is a thumb", () => {
  const thumbs = [1, 5, 0.001, -1, -7, 0, -0, "1", null, true, [1], {}].map((value) => thumbOf("thumb", value));
  assert.deepEqual(thumbs, ["up", "up", "up", "down", "down", null, null, null, null, null, null, null]);
  assert.equal(thumbOf("tone", 1), null);
  assert.equal(thumbOf("Thumb", 1), null);
});

test("what does not fit is refused", () => {
  for (const more of [
    { interaction_id: "" },
    { interaction_id: undefined },
    { interaction_id: "a\0b" },
    { interaction_id: "x".repeat(129) },
    { value: undefined },
    { value: Number.NaN },
    { value: Number.POSITIVE_INFINITY },
    { value: [1] },
    { value: "x".repeat(2001) },
    { name: "" },
    { name: "a\0b" },
    { name: "x".repeat(65) },
    { reasons: "because" },
    { reasons: Array.from({ length: 51 }, () => "r") },
    { reasons: ["x".repeat(201)] },
    { comment: 7 },
    { comment: "x".repeat(20_001) },
    { correction: {} },
    { revision: -1 },
    { revision: 1.5 },
    { revision: 2 ** 60 },
    { event_id: "" },
    { unknown: 1 },
  ])
    assert.ok(refused(more), JSON.stringify(more));
});

test("the older shape knows up and down, and nothing more", () => {
  const least = { message_id: "m", feedback: "up", user_message: "hello", assistant_response: "hi" };
  assert.ok(messageRatingInput.safeParse({ ...least, user_id: "ada", action_type: "todo", action_data: [1] }).success);
  for (const more of [
    { feedback: "UP" },
    { feedback: 1 },
    { message_id: "" },
    { user_message: null },
    { value: 1 },
    { interaction_id: "i" },
  ])
    assert.ok(!messageRatingInput.safeParse({ ...least, ...more }).success, JSON.stringify(more));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../../src/serving/action.ts";

const said = (content: unknown) => ({ role: "assistant", content });
const json = (value: unknown) => said(JSON.stringify(value));

test("the action is where the pointer points, through objects and lists, with RFC 6901's escapes", () => {
  const answer = json({
    action: "todo",
    deep: { list: [{ name: "alarm" }] },
    "a/b": "slash",
    "m~n": "tilde",
    "~1": "both",
    "": "empty",
    " ": "space",
  });
  for (const [pointer, expected] of [
    ["/action", "todo"],
    ["/deep/list/0/name", "alarm"],
    ["/a~1b", "slash"],
    ["/m~0n", "tilde"],
    ["/~01", "both"],
    ["/", "empty"],
    ["/ ", "space"],
  ])
    assert.equal(actionOf(answer, pointer!), expected, pointer);
});

test("a pointer to nothing, or to something that is no text, is no action", () => {
  const answer = json({ action: 7, list: ["a"], object: {}, nothing: null });
  for (const pointer of [
    "/action",
    "/list",
    "/list/1",
    "/list/-",
    "/list/length",
    "/object",
    "/nothing",
    "/nothing/more",
    "/gone",
    "/action/deeper",
    "/constructor/name",
    "/__proto__",
    "/object/toString",
  ])
    assert.equal(actionOf(answer, pointer), null, pointer);
});

test("an answer that is not JSON has no action at a pointer", () => {
  for (const content of ["hello", '{"action":', "{'action':'todo'}", '"action"', "7", "null", "[]"])
    assert.equal(actionOf(said(content), "/action"), null, content);
});

test("the text of parts is read like a text", () => {
  assert.equal(
    actionOf(
      said([
        { type: "text", text: '{"action":' },
        { type: "text", text: '"todo"}' },
      ]),
      "/action",
    ),
    "todo",
  );
});

test("without words, or without a pointer, it is the first tool that was called", () => {
  const calls = [
    { id: "1", type: "function", function: { name: "add_todo", arguments: "{}" } },
    { function: { name: "second" } },
  ];
  for (const content of [null, "", []])
    assert.equal(actionOf({ ...said(content), tool_calls: calls }, "/action"), "add_todo");
  assert.equal(actionOf({ ...json({ action: "todo" }), tool_calls: calls }, null), "add_todo");
  assert.equal(actionOf(said("just words"), null), null);
});

test("tool calls of any other shape are none", () => {
  for (const tool_calls of [
    undefined,
    null,
    [],
    "x",
    [null],
    [7],
    [{}],
    [{ function: null }],
    [{ function: {} }],
    [{ function: { name: 7 } }],
  ])
    assert.equal(actionOf({ ...said(null), tool_calls }, null), null, JSON.stringify(tool_calls));
});

test("an action is as long as an action may be", () => {
  assert.equal(actionOf(json({ action: "x".repeat(5000) }), "/action")?.length, 100);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { lastUserText, messageText } from "../../src/domain/message.ts";

test("the words of a message are its text or its text parts, one to a line", () => {
  assert.equal(messageText({ role: "user", content: "hello" }), "hello");
  const parts = [
    { type: "text", text: "look" },
    { type: "image_url", image_url: { url: "x" } },
    null,
    "here",
    { text: "" },
  ];
  assert.equal(messageText({ role: "user", content: parts }), "look\nhere");
  for (const content of [null, undefined, 7, [], [{ type: "image_url" }]])
    assert.equal(messageText({ role: "assistant", content }), "");
});

test("what the person said last is found behind answers, and is empty when nobody said anything", () => {
  const said = (role: string, content: string) => ({ role, content });
  assert.equal(lastUserText([said("user", "first"), said("user", "second"), said("assistant", "yes")]), "second");
  assert.equal(lastUserText([said("system", "be kind")]), "");
});

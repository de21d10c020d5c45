import assert from "node:assert/strict";
import { test } from "node:test";
import { generateCorpus } from "../../src/sandbox/corpus.ts";
import { type Example, indexExamples } from "../../src/serving/example-index.ts";

const examples = (...prompts: string[]): Example[] =>
  prompts.map((prompt) => ({ prompt, messages: [{ role: "user", content: prompt }] }));
const nearest = (prompts: string[], text: string, count = 3) =>
  indexExamples(examples(...prompts))
    .nearest(text, count)
    .map(({ prompt }) => prompt);

test("the nearest comes last, where it counts most", () => {
  const prompts = ["play some jazz", "set an alarm for seven", "set a timer for seven minutes", "what is the weather"];
  assert.deepEqual(nearest(prompts, "set an alarm for eight", 2), [
    "set a timer for seven minutes",
    "set an alarm for seven",
  ]);
});

test("a rare word counts more than a frequent one, and pairs of words more than words apart", () => {
  const prompts = ["please tell me the news", "please tell me a joke", "please tell me the time", "accordion"];
  assert.equal(nearest(prompts, "please accordion", 1)[0], "accordion");
  assert.equal(nearest(["new york weather", "york has new weather"], "new york", 1)[0], "new york weather");
});

test("no more than asked for, no more than there are, and only what shares a word", () => {
  const prompts = Array.from({ length: 20 }, (_, index) => `alarm ${index}`);
  assert.equal(nearest(prompts, "alarm", 5).length, 5);
  assert.equal(nearest(prompts, "alarm", 50).length, 20);
  assert.deepEqual(nearest(prompts, "weather", 5), []);
  assert.deepEqual(nearest(prompts, "alarm", 0), []);
});

test("ties go to the earlier example, whatever else is in the index, every time", () => {
  const same = examples("wake me", "wake me", "wake me").map((example, index) => ({
    ...example,
    messages: [{ role: "user", content: index }],
  }));
  const order = () =>
    indexExamples([...same, ...examples("other words")])
      .nearest("wake me", 2)
      .map(({ messages }) => messages[0]!.content);
  assert.deepEqual(order(), [1, 0]);
  assert.deepEqual(order(), order());
});

test("an empty index, an empty question and an example without words give nothing, and break nothing", () => {
  assert.deepEqual(nearest([], "anything"), []);
  assert.equal(indexExamples([]).size, 0);
  for (const text of ["", " ", "\0", "?!…", "\ud800", "👍"])
    assert.deepEqual(nearest(["wake me", "", "…"], text), [], JSON.stringify(text));
  assert.deepEqual(nearest(["", "…", "wake"], "wake"), ["wake"]);
});

test("names that every object has are words like any other", () => {
  for (const word of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.deepEqual(nearest([word, "other"], word, 1), [word]);
    assert.deepEqual(nearest(["other"], word), []);
  }
});

test("case, width and script do not matter; letters of every script are words", () => {
  assert.deepEqual(nearest(["WECKER stellen", "other"], "wecker", 1), ["WECKER stellen"]);
  assert.deepEqual(nearest(["ＡＬＡＲＭ now", "other"], "alarm", 1), ["ＡＬＡＲＭ now"]);
  assert.deepEqual(nearest(["поставь будильник", "other"], "будильник", 1), ["поставь будильник"]);
});

test("very long texts are looked at as far as that makes sense", () => {
  const long = "alarm clock ".repeat(200_000);
  assert.deepEqual(nearest([long, "weather"], long, 1), [long]);
});

test("for people's own words, examples of the same action come up far more often than by chance", () => {
  const corpus = generateCorpus({ seed: 3, perAction: 40 });
  const kept = corpus.filter((_, index) => index % 2 === 0);
  const index = indexExamples(
    kept.map(({ text, label }) => ({ prompt: text, messages: [{ role: "assistant", content: label }] })),
  );
  const asked = corpus.filter((_, place) => place % 2 === 1).slice(0, 200);
  const right = asked.filter(({ text, label }) => index.nearest(text, 1)[0]?.messages[0]?.content === label).length;
  assert.ok(right > 150, `${right} of ${asked.length}`);
});

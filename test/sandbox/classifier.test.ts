import assert from "node:assert/strict";
import { test } from "node:test";
import { Classifier } from "../../src/sandbox/classifier.ts";

function trained(): Classifier {
  const classifier = new Classifier();
  for (const text of ["set an alarm for six", "wake me up at seven"]) classifier.learn({ text, label: "alarm" });
  for (const text of ["play some jazz", "put on a song"]) classifier.learn({ text, label: "music" });
  return classifier;
}

test("a classifier that learned nothing has no answer", () => {
  assert.equal(new Classifier().classify("hello"), null);
});

test("an unseen text gets the class whose words it shares", () => {
  assert.equal(trained().classify("please wake me at six"), "alarm");
  assert.equal(trained().classify("play a song"), "music");
});

test("the order of words counts, by way of pairs", () => {
  const classifier = new Classifier();
  classifier.learn({ text: "milk before tea", label: "milk first" });
  classifier.learn({ text: "tea before milk", label: "tea first" });
  assert.equal(classifier.classify("milk before tea"), "milk first");
  assert.equal(classifier.classify("tea before milk"), "tea first");
});

test("examples beside a question sway its answer, and are forgotten with it", () => {
  const classifier = trained();
  const before = classifier.classify("dim the lamp at six");
  assert.equal(before, "alarm");
  assert.equal(
    classifier.classify("dim the lamp at six", [{ text: "dim the lamp", label: "lights", weight: 4 }]),
    "lights",
  );
  assert.equal(classifier.classify("dim the lamp at six"), before);
  assert.deepEqual(classifier.labels, ["alarm", "music"]);
});

test("examples beside a question count as if they had been learned", () => {
  const extra = [
    { text: "play the next song", label: "music", weight: 2 },
    { text: "brighter lamp", label: "lights", weight: 2 },
    { text: "ring at seven", label: "alarm", weight: 2 },
  ];
  const learned = trained();
  for (const example of extra) learned.learn(example);
  for (const text of ["ring the lamp", "next at seven", "a brighter song", "six", "", "play lamp seven ring"])
    assert.equal(trained().classify(text, extra), learned.classify(text), text);
});

test("a weight of nothing teaches nothing", () => {
  const classifier = trained();
  classifier.learn({ text: "dim the lamp", label: "lights", weight: 0 });
  assert.deepEqual(classifier.labels, ["alarm", "music"]);
});

test("a clone learns apart from its original", () => {
  const original = trained();
  const clone = original.clone();
  clone.learn({ text: "dim the lamp", label: "lights", weight: 5 });
  assert.equal(clone.classify("dim the lamp"), "lights");
  assert.notEqual(original.classify("dim the lamp"), "lights");
});

test("a classifier comes back from JSON as it was", () => {
  const original = trained();
  original.learn({ text: "constructor __proto__ toString", label: "__proto__", weight: 3 });
  const again = Classifier.from(JSON.parse(JSON.stringify(original.state())));
  assert.deepEqual(again.state(), original.state());
  assert.equal(again.classify("constructor"), "__proto__");
});

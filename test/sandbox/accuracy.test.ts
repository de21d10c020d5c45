// Does it really learn? Measured on utterances that neither the base nor the training has seen.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PROMPT_WEIGHT } from "../../src/sandbox/chat-route.ts";
import { chooseBase } from "../../src/sandbox/choose-base.ts";
import { Classifier } from "../../src/sandbox/classifier.ts";
import { generateCorpus, type Utterance } from "../../src/sandbox/corpus.ts";
import { words } from "../../src/sandbox/features.ts";
import { readCorpus } from "../../src/sandbox/read-corpus.ts";

const LEARNED = 1000;
const HELD_OUT = 500;
const NEAREST = 8;
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

interface Measured {
  readonly base: number;
  readonly fineTuned: number;
  readonly inContext: number;
}

function measure(base: readonly Utterance[], learned: readonly Utterance[], heldOut: readonly Utterance[]): Measured {
  const before = new Classifier();
  for (const example of base) before.learn(example);
  const after = before.clone();
  for (const example of learned) after.learn(example);
  const near = nearestBy(learned);
  return {
    base: share(heldOut, (text) => before.classify(text)),
    fineTuned: share(heldOut, (text) => after.classify(text)),
    inContext: share(heldOut, (text) =>
      before.classify(
        text,
        near(text).map((example) => ({ ...example, weight: PROMPT_WEIGHT })),
      ),
    ),
  };
}

function share(heldOut: readonly Utterance[], answer: (text: string) => string | null): number {
  return heldOut.filter(({ text, label }) => answer(text) === label).length / heldOut.length;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** The examples that share most words with a text, long examples counting less. */
function nearestBy(pool: readonly Utterance[]): (text: string) => Utterance[] {
  const known = pool.map((example) => ({ example, words: new Set(words(example.text)) }));
  return (text) => {
    const asked = [...new Set(words(text))];
    const ranked = known.map((each) => ({
      example: each.example,
      overlap: asked.filter((word) => each.words.has(word)).length / Math.sqrt(each.words.size),
    }));
    return ranked
      .sort((left, right) => right.overlap - left.overlap)
      .slice(0, NEAREST)
      .map(({ example }) => example);
  };
}

function tell(context: TestContext, what: string, { base, fineTuned, inContext }: Measured): void {
  context.diagnostic(
    `${what}: base ${percent(base)}, fine-tuned ${percent(fineTuned)}, in context ${percent(inContext)}`,
  );
}

test("on our corpus the base is shaky, whichever two examples of each it has seen", (context) => {
  const corpora = SEEDS.map((seed) => chooseBase(generateCorpus({ seed }), { perAction: 2, seed }));
  const shares = corpora.map(({ base, rest }) => {
    const classifier = new Classifier();
    for (const example of base) classifier.learn(example);
    return share(rest.slice(-HELD_OUT), (text) => classifier.classify(text));
  });
  const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length;
  context.diagnostic(`generated: base ${shares.map(percent).join(", ")}; mean ${percent(mean)}`);
  assert.ok(mean >= 0.48 && mean <= 0.62, `mean ${mean}`);
  for (const value of shares) assert.ok(value >= 0.4 && value <= 0.7, `base ${value}`);
});

for (const seed of [1, 2, 3]) {
  test(`on our corpus, seed ${seed}, learning helps, by training and by examples in the prompt`, (context) => {
    const { base, rest } = chooseBase(generateCorpus({ seed }), { perAction: 2, seed });
    const measured = measure(base, rest.slice(0, LEARNED), rest.slice(-HELD_OUT));
    tell(context, `generated, seed ${seed}`, measured);
    assert.ok(measured.fineTuned >= 0.85, `fine-tuned ${measured.fineTuned}`);
    assert.ok(measured.inContext >= measured.base + 0.15, `in context ${measured.inContext}`);
  });
}

const INTENTS =
  "todo_list todo_list_update calendar calendar_update shopping_list shopping_list_update reminder reminder_update alarm timer weather play_music schedule_meeting meeting_schedule recipe meal_suggestion ingredients_list cook_time traffic travel_suggestion";
const clinc = fileURLToPath(new URL("../../../shared/data/clinc150/", import.meta.url));

test("on 20 intents of CLINC150, two examples each are shaky and 1,000 more help", (context) => {
  if (!existsSync(clinc)) return context.skip("CLINC150 is not at ../shared/data/clinc150");
  const wanted = new Set(INTENTS.split(" "));
  const read = (name: string) => readCorpus(`${clinc}${name}.jsonl`).filter(({ label }) => wanted.has(label));
  const { base, rest } = chooseBase(read("train"), { perAction: 2, seed: 1 });
  const measured = measure(base, rest.slice(0, LEARNED), read("val"));
  tell(context, "CLINC150", measured);
  assert.ok(measured.base >= 0.42 && measured.base <= 0.6, `base ${measured.base}`);
  assert.ok(measured.fineTuned >= 0.78, `fine-tuned ${measured.fineTuned}`);
  assert.ok(measured.inContext >= measured.base + 0.15, `in context ${measured.inContext}`);
});

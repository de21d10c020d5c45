import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { checkRehearsal, chooseRehearsal, readRehearsal } from "../../src/snapshot/rehearsal-file.ts";
import { countTokens } from "../../src/snapshot/tokens.ts";

const example = (number: number) =>
  JSON.stringify({
    messages: [
      { role: "user", content: `question ${number}` },
      { role: "assistant", content: `answer ${number}` },
    ],
  });
const file = (...lines: string[]) => [Buffer.from(lines.join("\n"))];
const lines = (count: number) => Array.from({ length: count }, (_, at) => ({ line: example(at), tokens: 1 }));
const fresh = { fresh: 900, share: 0.1, seed: "demo" };

test("a file is read line by line, blank ones left out, with the tokens that a trainer would count", async () => {
  const read = await readRehearsal(file(example(1), "", `  ${example(2)}\r`, ""));
  assert.deepEqual(
    read.map(({ line }) => line),
    [example(1), example(2)],
  );
  // Three tokens a message beside its role and words, three for the whole.
  const expected =
    9 + ["user", "question 1", "assistant", "answer 1"].reduce((sum, text) => sum + countTokens(text), 0);
  assert.equal(read[0]!.tokens, expected);
  assert.deepEqual(await checkRehearsal(file(example(1), "", example(2))), {
    lines: 2,
    tokens: read[0]!.tokens + read[1]!.tokens,
  });
});

test("what no reader would take for one line is made safe", async () => {
  const [one] = await readRehearsal(file(example(1).replace("answer 1", "a\\u0000b\\ud800\u2028c")));
  assert.doesNotMatch(one!.line, /\\u0000|\\ud800|\u2028/);
});

test("a broken line is named with what to do, and no word of it is repeated", async () => {
  const noAnswer = '{"messages":[{"role":"user","content":"a secret"}]}';
  const broken = [
    ...file(`${example(1)}\n{"messages":`),
    Buffer.from("\n"),
    Buffer.from([0xff, 0x0a]),
    ...file(noAnswer),
  ];
  const told = (error: unknown) => {
    assert.ok(error instanceof Fault && error.code === "invalid");
    assert.match(
      error.message,
      /3 of 4 lines cannot be learned: line 2 is not JSON: write one JSON object a line; line 3 is not JSON/,
    );
    assert.match(error.message, /line 4 does not end with the assistant's message: add the answer/);
    assert.deepEqual(error.details.lines, { "not-json": 2, "last-not-assistant": 1 });
    assert.doesNotMatch(error.message, /secret/);
    return true;
  };
  await assert.rejects(checkRehearsal(broken), told);
  await assert.rejects(readRehearsal(broken), (error: Error) =>
    /cannot be used: line 2 is not JSON/.test(error.message),
  );
});

test("a line that is nested so deeply that nobody could write it again is refused, in whatever field", async () => {
  const deep = "[".repeat(50_000) + "]".repeat(50_000);
  for (const field of [`"tools":[{"type":"function","function":${deep}}]`, `"note":${deep}`]) {
    const line = example(1).replace(/}$/, `,${field}}`);
    await assert.rejects(checkRehearsal(file(example(1), line)), /line 2 is nested too deeply/);
    await assert.rejects(readRehearsal(file(example(1), line)), /line 2 is nested too deeply/);
  }
});

test("a file without an example is refused", async () => {
  await assert.rejects(checkRehearsal(file("", " ")), /it has 0 of at least 1 examples/);
});

test("so many are chosen that they are the share of the whole, and no more than there are", () => {
  assert.equal(chooseRehearsal(lines(500), fresh).length, 100);
  assert.equal(chooseRehearsal(lines(40), fresh).length, 40);
  assert.deepEqual(chooseRehearsal(lines(500), { ...fresh, share: 0 }), []);
  assert.deepEqual(chooseRehearsal(lines(500), { ...fresh, fresh: 0 }), []);
});

test("they are chosen by chance that the seed settles, and stay in the order of the file", () => {
  const all = lines(500);
  const places = (seed: string) => chooseRehearsal(all, { ...fresh, seed }).map((one) => all.indexOf(one));
  const chosen = places("demo");
  assert.deepEqual(
    chosen,
    [...chosen].sort((a, b) => a - b),
  );
  assert.deepEqual(places("demo"), chosen);
  assert.notDeepEqual(places("other"), chosen);
  const half = chosen.filter((place) => place < 250).length;
  assert.ok(half > 30 && half < 70, `${half} of 100 from the first half`); // four standard deviations
});

test("who rehearses more keeps what was rehearsed before", () => {
  const all = lines(500);
  const more = new Set(chooseRehearsal(all, { ...fresh, fresh: 1800 }));
  assert.ok(chooseRehearsal(all, fresh).every((one) => more.has(one)));
});

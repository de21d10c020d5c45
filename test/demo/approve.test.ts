import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Experiment } from "../../src/demo/answers.ts";
import { approve } from "../../src/demo/approve.ts";
import { Ledger } from "../../src/demo/ledger.ts";
import type { Operator } from "../../src/demo/operator.ts";
import type { Terminal } from "../../src/demo/terminal.ts";

const EXPERIMENT: Experiment = {
  id: "e1",
  challenger_id: "m2",
  status: "awaiting_approval",
  started_at: new Date(0),
  outcome: null,
  outcome_reason: null,
  looks: [
    { number: 1, phase: "experiment", verdict: { kind: "promote", reason: "promote: it is better.", numbers: null } },
  ],
};

async function decide({
  interactive = true,
  auto = false,
  answer,
}: {
  interactive?: boolean;
  auto?: boolean;
  answer?: string | null;
}) {
  const said: string[] = [];
  const decided: string[] = [];
  const thinking: boolean[] = [];
  const terminal: Terminal = {
    interactive,
    heading: (text) => said.push(text),
    say: (text) => said.push(text),
    lines: (lines) => said.push(...lines),
    live() {},
    paint: (_style, text) => text,
  };
  const operator = {
    decide: async (_id: string, decision: string) => void decided.push(decision),
  } as Partial<Operator> as Operator;
  const input = new PassThrough();
  const out = new PassThrough();
  if (answer === null) input.end();
  else if (answer !== undefined) input.write(`${answer}\n`);
  const scene = { terminal, operator, ledger: new Ledger(), signal: new AbortController().signal, clock: () => 0 };
  const asking = { auto, input, out, onThinking: (value: boolean) => void thinking.push(value) };
  const failure = await approve(scene, EXPERIMENT, "demo-v1", asking).then(
    () => null,
    (error: Error) => error.message,
  );
  return { said: said.join("\n"), decided, thinking, failure, asked: String(out.read() ?? "") };
}

test("a person is shown the verdict and asked, and a yes promotes", async () => {
  const { said, decided, thinking, failure, asked } = await decide({ answer: "y" });
  assert.match(said, /it is better/);
  assert.match(asked, /Promote demo-v1\? \[y\/N\]/);
  assert.deepEqual(decided, ["approve"]);
  assert.deepEqual(thinking, [true, false]);
  assert.equal(failure, null);
});

test("anything but a yes rejects, an input that ends included", async () => {
  for (const answer of ["n", "", "perhaps", null]) {
    const { decided, failure } = await decide({ answer });
    assert.deepEqual(decided, ["reject"], String(answer));
    assert.match(failure ?? "", /rejected demo-v1/);
  }
});

test("with --auto, and where there is no terminal, nobody is asked and it says so", async () => {
  for (const options of [{ auto: true }, { interactive: false }]) {
    const { said, decided, asked } = await decide(options);
    assert.equal(asked, "");
    assert.deepEqual(decided, ["approve"]);
    assert.match(said, /--auto/);
  }
});

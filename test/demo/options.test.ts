import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "../../src/demo/options.ts";
import { Fault } from "../../src/domain/fault.ts";

const faultOf = (...args: string[]): Fault => {
  try {
    readOptions(args);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`${args.join(" ")} was understood`);
};

test("without arguments the demo has a corpus of its own, the in-context trainer, and asks", () => {
  assert.deepEqual(readOptions([]), { corpus: null, trainer: "in-context", auto: false, keep: false, help: false });
});

test("every flag is read", () => {
  const options = readOptions(["--corpus", "people.jsonl", "--trainer=openai-wire", "--auto", "--keep"]);
  assert.deepEqual(options, { corpus: "people.jsonl", trainer: "openai-wire", auto: true, keep: true, help: false });
});

test("an unknown flag is refused with the one that was meant", () => {
  const { code, message, hint } = faultOf("--trainr", "in-context");
  assert.equal(code, "invalid");
  assert.match(message, /--trainr/);
  assert.match(hint ?? "", /--trainer/);
});

test("an unknown trainer is refused with the one that was meant", () => {
  const { message, hint } = faultOf("--trainer", "openai-wir");
  assert.match(message, /openai-wir/);
  assert.match(hint ?? "", /openai-wire/);
});

test("what is no flag, a flag without its value and an empty file name are refused", () => {
  for (const args of [["people.jsonl"], ["--corpus"], ["--corpus="], ["-x"], ["--auto=yes"]]) {
    assert.equal(faultOf(...args).code, "invalid", args.join(" "));
  }
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./report.ts";

const root = mkdtempSync(join(tmpdir(), "ratchet-runner-"));
after(() => rmSync(root, { recursive: true }));
const program = fileURLToPath(new URL("./programs/run-one.ts", import.meta.url));

function outcomeOf(name: string, source: string): Outcome {
  writeFileSync(join(root, name), source);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return JSON.parse(execFileSync(process.execPath, [program, root, name], { env, encoding: "utf8" }));
}

test("passed, failed and skipped tests are counted once each, and suites not at all", () => {
  const outcome = outcomeOf(
    "mixed.test.ts",
    `import { describe, test } from "node:test";
     test("good", () => {});
     test("later", { skip: "no server" }, () => {});
     describe("outer", () => { test("bad", () => { throw new Error("the reason"); }); test("good, too", () => {}); });`,
  );
  assert.deepEqual([outcome.passed, outcome.failed, outcome.skipped], [2, 1, 1]);
  assert.equal(outcome.failures.length, 1);
  assert.equal(outcome.failures[0]!.name, "outer › bad");
  assert.match(outcome.failures[0]!.details, /the reason[\s\S]*mixed\.test\.ts:4/);
});

test("a file that breaks before its first test fails, with what it wrote", () => {
  const outcome = outcomeOf("broken.test.ts", `throw new Error("no such part");`);
  assert.deepEqual([outcome.passed, outcome.failed], [0, 1]);
  assert.match(outcome.output, /no such part/);
});

test("a file without a test fails", () => {
  const outcome = outcomeOf("empty.test.ts", "export {};");
  assert.deepEqual([outcome.passed, outcome.failed], [0, 1]);
  assert.equal(outcome.failures[0]!.details, "it holds no test");
});

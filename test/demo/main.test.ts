import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/demo/main.ts", import.meta.url));
const demo = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });

test("a broken line of the corpus is named with its file and line, before anything is started", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "corpus-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const corpus = join(folder, "people.jsonl");
  writeFileSync(corpus, '{"text":"wake me at six","label":"alarm"}\n{"text":"ten minutes"}\n');
  const { status, stdout, stderr } = demo("--corpus", corpus);
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /people\.jsonl, line 2: "label"/);
});

test("wrong usage ends with code 2 and says what to do; --help with 0", () => {
  const wrong = demo("--corpsu", "x");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--corpsu.*did you mean --corpus/);
  const help = demo("--help");
  assert.equal(help.status, 0);
  assert.match(help.stdout, /usage: npm run demo/);
});

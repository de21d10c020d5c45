// The whole demo as a person starts it: servers, users, one cycle from the first rating to the promotion.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/demo/main.ts", import.meta.url));

test("ratings become a better champion, and nothing is left behind", async (context) => {
  const temporary = mkdtempSync(join(tmpdir(), "demo-test-"));
  context.after(() => rmSync(temporary, { recursive: true, force: true }));
  const child = spawn(process.execPath, [MAIN, "--auto"], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  context.after(() => child.kill("SIGTERM"));
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(code, 0, `${output}\n${errors}`);

  const result = JSON.parse(output.trimEnd().split("\n").at(-1)!);
  assert.equal(result.champion_before, "sandbox-base");
  assert.equal(result.champion_after, "demo-v1");
  assert.ok(result.approval_after > result.approval_before, output);
  assert.ok(result.held_out_accuracy.after > result.held_out_accuracy.before + 0.05, output);
  assert.ok(result.ratings > 1_300 && result.seconds > 0, output);
  assert.match(result.cycle_id, /^[0-9a-f-]{36}$/);
  for (const chapter of [
    "Collecting",
    "Learning",
    "Proving",
    "Approval",
    "Probation",
    "Approval by action",
    "Before and after",
  ])
    assert.match(output, new RegExp(`^${chapter}`, "m"));
  assert.ok(!output.includes("\u001b"), "no colours where there is no terminal");
  assert.deepEqual(readdirSync(temporary), [], "the folder is gone");
});

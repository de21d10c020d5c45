import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { tryLock, withLock } from "../../src/embedded/lock.ts";
import { identify } from "../../src/embedded/process-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-lock-"));
after(() => rmSync(folder, { recursive: true }));

test("a lock is held once, names its holder, and can be had again after its release", () => {
  const path = join(folder, "once");
  const first = tryLock(path);
  assert.ok("release" in first);
  assert.deepEqual(tryLock(path), { holder: identify(process.pid) });
  first.release();
  const second = tryLock(path);
  assert.ok("release" in second);
  second.release();
});

test("a lock whose holder died is taken over, also when another process has its number now", () => {
  const path = join(folder, "stale");
  writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: "another process, long ago" }));
  const lock = tryLock(path);
  assert.ok("release" in lock);
  lock.release();
  assert.deepEqual(readdirSync(folder), []);
});

test("a lock file that holds no lock is taken over", () => {
  const path = join(folder, "torn");
  writeFileSync(path, "{");
  const lock = tryLock(path);
  assert.ok("release" in lock);
  lock.release();
});

test("work under one lock never overlaps, and a failure lets the next one in", async () => {
  const path = join(folder, "work");
  const steps: string[] = [];
  const waited: number[] = [];
  const work = (name: string, fails: boolean) =>
    withLock(
      path,
      (holder) => waited.push(holder.pid),
      async () => {
        steps.push(`${name} begins`);
        await new Promise(setImmediate);
        steps.push(`${name} ends`);
        if (fails) throw new Error(`${name} failed`);
      },
    );
  const results = await Promise.allSettled([work("first", true), work("second", false)]);
  assert.deepEqual(
    results.map((result) => result.status),
    ["rejected", "fulfilled"],
  );
  assert.deepEqual(steps, ["first begins", "first ends", "second begins", "second ends"]);
  assert.deepEqual(waited, [process.pid]);
});

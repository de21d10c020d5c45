import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { alarming, createChildLog } from "../../src/embedded/child-log.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-logs-"));
after(() => rmSync(folder, { recursive: true }));

test("everything goes to the file, and only what alarms to the terminal", () => {
  const shown: string[] = [];
  const { line, log, path } = createChildLog(folder, "worker", (text) => shown.push(text));
  line('{"level":"info","event":"worker_started"}');
  line('{"level":"warn","event":"database_connection_lost","error":"terminated"}');
  line("plain words");
  log("debug", "chatter");
  log("info", "building");
  assert.deepEqual(shown, ["worker: warn · database_connection_lost · terminated", "building"]);
  assert.equal(readFileSync(path, "utf8").split("\n").length, 6);
});

test("a later start appends", () => {
  for (const text of ["first", "second"]) createChildLog(folder, "server", () => undefined).line(text);
  assert.equal(readFileSync(join(folder, "server.log"), "utf8"), "first\nsecond\n");
});

test("a file that has grown large is set aside", () => {
  createChildLog(folder, "large", () => undefined).line("old");
  truncateSync(join(folder, "large.log"), 20_000_001);
  createChildLog(folder, "large", () => undefined).line("new");
  assert.equal(readFileSync(join(folder, "large.log"), "utf8"), "new\n");
  assert.ok(readFileSync(join(folder, "large.log.1"), "utf8").startsWith("old\n"));
});

test("lines that only look like JSON alarm nobody", () => {
  assert.equal(alarming("{ not json"), null);
  assert.equal(alarming('{"level":"info"}'), null);
  assert.equal(
    alarming('{"level":"error","event":"broken","msg":"a disk is full"}'),
    "error · broken · a disk is full",
  );
});

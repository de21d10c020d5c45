import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runRatchet } from "./run-ratchet.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("help lists the commands that are there and no others", async () => {
  const { code, out } = await runRatchet(["--help"]);
  assert.equal(code, 0);
  const commands = [
    "status",
    "loop",
    "pulse",
    "cycle",
    "experiment",
    "rollback",
    "model",
    "snapshot",
    "feedback",
    "gold",
    "key",
    "audit",
    "redact",
    "migrate",
    "doctor",
  ];
  for (const command of commands) assert.match(out, new RegExp(`^  ${command}\\b`, "m"));
  for (const announced of ["start", "evaluate", "memory", "import", "dashboard"])
    assert.doesNotMatch(out, new RegExp(`^  ${announced}\\b`, "m"));
  assert.ok(out.split("\n").every((line) => line.length <= 80));
});

test("wrong usage exits with 2, says what is wrong and what to do, and shows no stack", async () => {
  const [misspelt, noReason, badDuration, noCommand] = await Promise.all([
    runRatchet(["statsu"]),
    runRatchet(["rollback", "--json"]),
    runRatchet(["experiment", "extend", "--by", "soon", "--reason", "more users"]),
    runRatchet(["cycle"]),
  ]);
  assert.deepEqual([misspelt.code, noReason.code, badDuration.code, noCommand.code], [2, 2, 2, 2]);
  assert.match(misspelt.err, /unknown command 'statsu'\n→ Did you mean status\?/);
  const { error } = JSON.parse(noReason.err);
  assert.equal(error.code, "usage");
  assert.match(error.message, /--reason/);
  assert.match(badDuration.err, /"soon" is not a duration.*"48 hours"/);
  assert.match(noCommand.err, /Usage: ratchet cycle/);
  assert.ok([misspelt, noReason, badDuration].every(({ out, err }) => out === "" && !err.includes("    at ")));
});

test("a server that is not there is named, with what to do", async () => {
  const gone = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => gone.once("listening", resolve));
  const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
  await new Promise((resolve) => gone.close(resolve));
  const { code, out, err } = await runRatchet(["status"], { env: { RATCHET_URL: url } });
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.equal(
    err,
    `nothing answers at ${url} (ECONNREFUSED)\n→ start it with npm start, or say where it is with --url or RATCHET_URL\n`,
  );
});

test("something else that answers is not taken for Ratchet", async () => {
  const other = createServer((_, response) => response.end("<html>hello</html>")).listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const { code, err } = await runRatchet(["loop", "list", "--url", url]);
  await new Promise((resolve) => other.close(resolve));
  assert.equal(code, 1);
  assert.match(err, /is not Ratchet's API/);
});

test("a settings file that is missing or is not JSON is refused before anything is sent", async () => {
  const broken = join(folder, "broken.json");
  writeFileSync(broken, '{"name": "demo",\n  "budget": {"perRunUsd": 10,}\n}\n');
  const [missing, notJson] = await Promise.all([
    runRatchet(["loop", "apply", join(folder, "none.json"), "--reason", "a test"]),
    runRatchet(["loop", "apply", broken, "--reason", "a test"]),
  ]);
  assert.equal(missing.code, 3);
  assert.match(missing.err, /there is no file .*none\.json/);
  assert.equal(notJson.code, 2);
  assert.match(notJson.err, /line 2, column 30: a name in double quotes is expected here/);
});

test("a gold set's faults are listed with their lines before anything is sent", async () => {
  const file = join(folder, "gold.jsonl");
  writeFileSync(file, '{"input":"hi","expected":"hello"}\n{"input":"hi"}\nnot json\n');
  const { code, err } = await runRatchet(["gold", "import", file, "--set", "greetings", "--reason", "a test"]);
  assert.equal(code, 2);
  assert.match(err, /\n {2}- line 2: "expected" is missing\n {2}- line 3: not JSON/);
});

test("migrate and doctor say which variable is missing or wrong", async () => {
  const [migrate, doctor] = await Promise.all([
    runRatchet(["migrate"]),
    runRatchet(["doctor"], { env: { DATABASE_URL: "mysql://db", RATCHET_PORT: "many" } }),
  ]);
  assert.equal(migrate.code, 2);
  assert.match(migrate.err, /DATABASE_URL is not set/);
  assert.equal(doctor.code, 1);
  assert.match(doctor.out, /✗ environment: .*DATABASE_URL must begin with "postgres:\/\/".*RATCHET_PORT/);
});

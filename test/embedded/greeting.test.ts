import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { keepConnection, openDataFolder } from "../../src/embedded/data-folder.ts";
import { greeting, type Ready, readyDocument } from "../../src/embedded/greeting.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet it's "));
after(() => rmSync(folder, { recursive: true }));
const data = openDataFolder(folder);

const ready: Ready = {
  api: "http://127.0.0.1:4400",
  temporalUi: "http://127.0.0.1:8233",
  temporalAddress: "127.0.0.1:7233",
  databaseUrl: "postgres://ratchet:pw@127.0.0.1:5440/ratchet",
  sandbox: "http://127.0.0.1:4401",
  key: "rk_abc_def",
  keyIsNew: true,
  dataDir: folder,
  connection: data.connection,
  loops: ["demo"],
  pids: { start: 1, worker: 2 },
};

test("the first greeting shows the key, later ones only where it is kept", () => {
  assert.ok(greeting(ready).includes("rk_abc_def"));
  const later = greeting({ ...ready, keyIsNew: false });
  assert.ok(!later.includes("rk_abc_def"));
  assert.ok(later.includes(`kept in ${data.connection}`));
});

test("the sandbox is said to be for trying out only, and left out where there is none", () => {
  assert.match(greeting(ready), /127\.0\.0\.1:4401 .*for trying out only/);
  assert.doesNotMatch(greeting({ ...ready, sandbox: null }), /[Ss]andbox/);
});

test("the example reads the key from its file in a shell, wherever the folder lies, and its body is JSON", () => {
  keepConnection(data, ready.api, ready.key);
  const example = /Try it:\n\n([\s\S]*?)\n\n/.exec(greeting(ready))![1]!;
  const said = execFileSync("sh", ["-c", `curl() { for word; do printf '%s\\n' "$word"; done; }\n${example}`], {
    encoding: "utf8",
  });
  const words = said.trimEnd().split("\n");
  assert.ok(words.includes("Authorization: Bearer rk_abc_def"));
  assert.ok(words.includes("http://127.0.0.1:4400/v1/chat/completions"));
  assert.equal(JSON.parse(words.at(-1)!).model, "demo");
});

test("without the demo loop the example only looks, since answers of real providers cost money", () => {
  assert.ok(greeting({ ...ready, loops: ["helpem"] }).includes("/api/loops "));
});

test("the document has the names that programs rely on", () => {
  assert.deepEqual(readyDocument(ready), {
    api: "http://127.0.0.1:4400",
    dashboard: "http://127.0.0.1:4400/",
    temporal_ui: "http://127.0.0.1:8233",
    temporal_address: "127.0.0.1:7233",
    database_url: "postgres://ratchet:pw@127.0.0.1:5440/ratchet",
    sandbox: "http://127.0.0.1:4401",
    key: "rk_abc_def",
    pids: { start: 1, worker: 2 },
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { keepConnection, keptKey, keptSecret, openDataFolder } from "../../src/embedded/data-folder.ts";

const root = mkdtempSync(join(tmpdir(), "ratchet-data-"));
after(() => rmSync(root, { recursive: true }));

test("the secret is made once, then stays, for its owner's eyes", () => {
  const folder = openDataFolder(join(root, "one"));
  const secret = keptSecret(folder);
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.equal(keptSecret(folder), secret);
  assert.notEqual(keptSecret(openDataFolder(join(root, "two"))), secret);
  assert.equal(statSync(join(folder.path, "secret")).mode & 0o777, 0o600);
});

test("a secret that was emptied stops the start, since with another one nobody would be recognised", () => {
  const folder = openDataFolder(join(root, "emptied"));
  writeFileSync(join(folder.path, "secret"), "\n");
  assert.throws(
    () => keptSecret(folder),
    (error) => error instanceof Fault && error.message.includes(join(folder.path, "secret")),
  );
});

test("the connection keeps address and key where the command line looks, for its owner's eyes", () => {
  const folder = openDataFolder(join(root, "connection"));
  assert.equal(keptKey(folder), null);
  keepConnection(folder, "http://127.0.0.1:4400", "rk_a_b");
  keepConnection(folder, "http://127.0.0.1:4500", "rk_a_b");
  assert.equal(keptKey(folder), "rk_a_b");
  const path = join(folder.path, "connection.json");
  assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), { url: "http://127.0.0.1:4500", key: "rk_a_b" });
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a connection that was cut short counts as none", () => {
  const folder = openDataFolder(join(root, "short"));
  writeFileSync(folder.connection, '{"url":"http');
  assert.equal(keptKey(folder), null);
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findConnection } from "../../src/cli/connection.ts";
import { Fault } from "../../src/domain/fault.ts";

const data = mkdtempSync(join(tmpdir(), "ratchet-connection-"));
writeFileSync(join(data, "connection.json"), '{"url":"http://127.0.0.1:5555","key":"rk_kept"}');
after(() => rmSync(data, { recursive: true, force: true }));

test("what npm start left is used when nothing else is said", () => {
  assert.deepEqual(findConnection({ data }, {}), { url: "http://127.0.0.1:5555", key: "rk_kept" });
});

test("options win over the environment, which wins over the data folder", () => {
  const env = { RATCHET_URL: "http://env:1", RATCHET_KEY: "rk_env" };
  assert.deepEqual(findConnection({ data }, env), { url: "http://env:1", key: "rk_env" });
  assert.deepEqual(findConnection({ data, url: "http://option:2/", key: "rk_option" }, env), {
    url: "http://option:2",
    key: "rk_option",
  });
  assert.deepEqual(findConnection({ data, key: "rk_option" }, {}), { url: "http://127.0.0.1:5555", key: "rk_option" });
});

test("the key that was left is never sent to another address", () => {
  assert.deepEqual(findConnection({ data, url: "http://elsewhere:9" }, {}), { url: "http://elsewhere:9", key: null });
  assert.deepEqual(findConnection({ data, url: "http://127.0.0.1:5555/" }, {}), {
    url: "http://127.0.0.1:5555",
    key: "rk_kept",
  });
});

test("an address or a key that cannot be one is refused, and the key is not repeated", () => {
  assert.throws(
    () => findConnection({ data, url: "ftp://x" }, {}),
    (error) => error instanceof Fault && error.code === "invalid",
  );
  assert.throws(
    () => findConnection({ data, key: "rk_a b" }, {}),
    (error) => error instanceof Fault && !error.message.includes("rk_a"),
  );
  assert.throws(() => findConnection({ data: join(data, "none") }, {}), /connection\.json cannot be read \(ENOENT\)/);
});

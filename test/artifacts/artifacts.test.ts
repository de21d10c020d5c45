import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { sha256 } from "../../src/domain/sha256.ts";
import { faultLike } from "../store/loop-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "ratchet-artifacts-"));
after(() => rmSync(root, { recursive: true, force: true }));
const artifacts = openArtifacts(join(root, "not", "made", "yet"));
const files = (loop: string) =>
  readdirSync(join(root, "not", "made", "yet", loop), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test("what is put comes back under the hash of its content, byte by byte", async () => {
  for (const bytes of [
    Buffer.from("hello"),
    Buffer.alloc(0),
    Buffer.from([0, 255, 10, 13]),
    Buffer.alloc(3_000_000, "x"),
  ]) {
    const name = await artifacts.put("helpem", bytes);
    assert.equal(name, sha256(bytes));
    assert.ok((await artifacts.get("helpem", name)).equals(bytes));
  }
});

test("putting the same again is harmless, and leaves nothing half-made", async () => {
  const before = files("helpem").length;
  const bytes = Buffer.from("again");
  for (let round = 0; round < 3; round++) await artifacts.put("helpem", bytes);
  assert.equal(files("helpem").length, before + 1);
  assert.ok(files("helpem").every((file) => !file.endsWith(".partial")));
});

test("many that put the same at the same moment all succeed, and nobody reads half of it", async () => {
  const bytes = Buffer.alloc(400_000, "many");
  const name = sha256(bytes);
  await artifacts.put("busy", bytes);
  const putting = Array.from({ length: 12 }, () => artifacts.put("busy", bytes));
  const reading = Array.from({ length: 12 }, () => artifacts.get("busy", name));
  assert.deepEqual(new Set(await Promise.all(putting)), new Set([name]));
  await Promise.all(reading);
  assert.equal(files("busy").length, 1);
});

test("each loop has its own: another's is not there, and goes alone", async () => {
  const name = await artifacts.put("helpem", Buffer.from("shared"));
  await assert.rejects(
    artifacts.get("other", name),
    faultLike("not_found", /of loop "other" is not in the artifact store/),
  );
  await artifacts.put("other", Buffer.from("shared"));
  await artifacts.delete("other", name);
  await assert.rejects(artifacts.get("other", name), faultLike("not_found", /not in the artifact store/));
  assert.equal((await artifacts.get("helpem", name)).toString(), "shared");
});

test("deleting what is gone is harmless", async () => {
  await artifacts.delete("helpem", sha256("never there"));
});

test("bytes that were changed, cut or added to on the disk are never handed out", async () => {
  const name = await artifacts.put("damaged", Buffer.from("precious"));
  const [path] = files("damaged");
  for (const damaged of ["preciouS", "precio", "precious!", ""]) {
    writeFileSync(path!, damaged);
    await assert.rejects(artifacts.get("damaged", name), /does not have the bytes/);
  }
  await artifacts.put("damaged", Buffer.from("precious"));
  assert.equal(readFileSync(path!, "utf8"), "precious", "putting it again mends it");
  assert.equal((await artifacts.get("damaged", name)).toString(), "precious");
});

test("an address that is none is refused instead of being taken for a folder", () => {
  assert.throws(() => openArtifacts("s3://no_bucket"), faultLike("invalid", /is no bucket's name/));
});

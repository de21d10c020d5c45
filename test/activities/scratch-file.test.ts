import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openScratchFile } from "../../src/activities/scratch-file.ts";
import { makeSnapshotFolder, sweepSnapshotFolders } from "../../src/activities/snapshot-folder.ts";
import type { Place } from "../../src/snapshot/ledger.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-scratch-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("what was added is taken out of memory, and read back by its place, in any order", async () => {
  const path = join(folder, "scratch");
  const scratch = await openScratchFile(path);
  const texts = Array.from({ length: 3000 }, (_, index) => `text ${index} é\u{1f600} ${"x".repeat(index)}`);
  const places: Place[] = [];
  for (const [index, text] of texts.entries()) {
    places.push(scratch.append(text));
    if (index % 500 === 0) await scratch.flush();
  }
  await scratch.flush();
  assert.equal(statSync(path).size, Buffer.byteLength(texts.join("")));
  assert.deepEqual(await scratch.read(places), texts);
  const some = [2999, 0, 1500, 1501, 7];
  assert.deepEqual(
    await scratch.read(some.map((index) => places[index]!)),
    some.map((index) => texts[index]),
  );
  await scratch.close();
});

test("a folder of a process that is gone is swept away, and one of a living process stays", async () => {
  const mine = await makeSnapshotFolder();
  const dead = mkdtempSync(join(tmpdir(), "ratchet-snapshot-999999999-"));
  await sweepSnapshotFolders();
  assert.throws(() => statSync(dead), { code: "ENOENT" });
  assert.ok(statSync(mine.pathOf(".")).isDirectory());
  const left = await mine.openFile("left open");
  await left.write("text");
  await mine.remove();
  assert.throws(() => statSync(mine.pathOf(".")), { code: "ENOENT" });
});

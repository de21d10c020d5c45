import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { obstacle, reachableFolder } from "../../src/embedded/reachable.ts";

const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), "ratchet-reach-"));
after(() => rmSync(folder, { recursive: true }));
chmodSync(folder, 0o755);
const stranger = { name: "stranger", uid: 4_000_111, gid: 4_000_111 };

test("the obstacle is the first folder on the way that the user may not enter", () => {
  const closed = join(folder, "closed");
  mkdirSync(join(closed, "inner"), { recursive: true });
  chmodSync(closed, 0o700);
  assert.equal(obstacle(join(closed, "inner", "not", "made", "yet"), stranger), closed);
  chmodSync(closed, 0o711);
  assert.equal(obstacle(join(closed, "inner"), stranger), null);
});

test("a link is judged by where it leads", () => {
  const behind = join(folder, "behind");
  mkdirSync(join(behind, "data"), { recursive: true });
  symlinkSync(join(behind, "data"), join(folder, "link"));
  chmodSync(behind, 0o700);
  assert.equal(obstacle(join(folder, "link"), stranger), behind);
});

test("for ourselves there is no obstacle to look for", () => {
  assert.equal(obstacle(join(folder, "anything"), null), null);
});

test("a folder's group counts, and its owner's own bits before it", {
  skip: !isRoot && "needs root to give folders away",
}, () => {
  const shared = join(folder, "shared");
  mkdirSync(shared, { mode: 0o710 });
  chmodSync(shared, 0o710);
  assert.equal(obstacle(shared, stranger), shared);
  chownSync(shared, 0, stranger.gid);
  assert.equal(obstacle(shared, stranger), null);
  chmodSync(shared, 0o611);
  chownSync(shared, stranger.uid, stranger.gid);
  assert.equal(obstacle(shared, stranger), shared);
});

test("the first place that is ours alone to write and open to the user is taken", () => {
  const open = join(folder, "open");
  mkdirSync(open, { mode: 0o777 });
  chmodSync(open, 0o777);
  const closed = join(folder, "shut");
  mkdirSync(closed);
  chmodSync(closed, 0o700);
  const good = join(folder, "good");
  assert.equal(reachableFolder(stranger, [open, join(closed, "place"), good]), good);
  assert.throws(
    () => reachableFolder(stranger, [open, join(closed, "place")]),
    (error) =>
      error instanceof Fault &&
      error.message.includes(`${open}: can be written by others`) &&
      error.message.includes(`${closed} is closed`),
  );
});

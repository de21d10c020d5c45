import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { chooseFiles, describeFile } from "./choose-files.ts";

const root = mkdtempSync(join(tmpdir(), "ratchet-choose-"));
after(() => rmSync(root, { recursive: true }));
const FILES = [
  "test/store/loops.test.ts",
  "test/workflows/cycle.test.ts",
  "test/embedded/lock.test.ts",
  "test/domain/id.test.ts",
  "test/api/long.serial.test.ts",
  "test/domain/reading.ts",
];
for (const file of FILES) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), "");
}
const paths = (chosen: string[]) => chooseFiles(root, chosen).map(({ path }) => path);

test("all test files run, the cheap ones first and those that need the machine for themselves last", () => {
  assert.deepEqual(paths([]), [
    "test/domain/id.test.ts",
    "test/store/loops.test.ts",
    "test/embedded/lock.test.ts",
    "test/api/long.serial.test.ts",
    "test/workflows/cycle.test.ts",
  ]);
});

test("files and folders may be chosen, and one that is named twice runs once", () => {
  assert.deepEqual(paths(["test/embedded/lock.test.ts", "test/domain", "test/domain/id.test.ts"]), [
    "test/domain/id.test.ts",
    "test/embedded/lock.test.ts",
  ]);
});

test("a file asks for no more servers than its folder needs; a new folder for all", () => {
  assert.deepEqual(describeFile("test/evidence/verdict.test.ts"), {
    path: "test/evidence/verdict.test.ts",
    level: "unit",
    serial: false,
  });
  assert.equal(describeFile("test/store/loops.test.ts").level, "database");
  assert.equal(describeFile("test/somewhere/new.test.ts").level, "servers");
});

for (const [place, message] of [
  ["test/nowhere", /there is no test\/nowhere/],
  ["test/domain/reading.ts", /no test file: these lie in test\/ and end in \.test\.ts/],
] as const) {
  test(`${place} is refused in words`, () => {
    assert.throws(
      () => chooseFiles(root, [place]),
      (error) => error instanceof Fault && message.test(error.message),
    );
  });
}

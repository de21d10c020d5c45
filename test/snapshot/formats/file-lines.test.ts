import assert from "node:assert/strict";
import { test } from "node:test";
import { fileLines } from "../../../src/snapshot/formats/file-lines.ts";

async function read(pieces: Iterable<Uint8Array>) {
  const lines = [];
  for await (const { text, bytes } of fileLines(pieces)) lines.push([text, bytes]);
  return lines;
}

test("lines are the same however the file is cut into pieces, letters of several bytes too", async () => {
  const bytes = Buffer.from("één\n\n日本\r\nthe last");
  const expected = [
    ["één", 6],
    ["", 1],
    ["日本\r", 8],
    ["the last", 8],
  ];
  for (const size of [1, 2, 3, 7, 100]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    assert.deepEqual(await read(pieces), expected, `${size} bytes a piece`);
  }
});

test("what is not UTF-8 is a line without a text", async () => {
  assert.deepEqual(await read([Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a])]), [
    [null, 3],
    ["b", 2],
  ]);
});

test("whoever gives the pieces may use their memory again", async () => {
  function* reusing() {
    const memory = Buffer.from("ab");
    yield memory;
    memory.write("c\n");
    yield memory;
  }
  assert.deepEqual(await read(reusing()), [["abc", 4]]);
});

test("timers get their turn while a large piece is read", async () => {
  let turns = 0;
  const timer = setInterval(() => void turns++, 0);
  await read([Buffer.from("a line of a file\n".repeat(200_000))]);
  clearInterval(timer);
  assert.ok(turns > 0);
});

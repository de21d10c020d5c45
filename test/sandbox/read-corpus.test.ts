import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { readCorpus } from "../../src/sandbox/read-corpus.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-corpus-"));
const path = join(folder, "mine.jsonl");
after(() => rmSync(folder, { recursive: true }));

const good = '{"text":"wake me up","label":"alarm"}';

function faultOf(content: string): string {
  writeFileSync(path, content);
  try {
    readCorpus(path);
  } catch (error) {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, "invalid");
    assert.match(error.hint ?? "", /one object a line/);
    return error.message;
  }
  return assert.fail("the corpus was taken");
}

test("a corpus is read line by line; blank lines, a byte order mark and Windows line ends do no harm", () => {
  writeFileSync(path, `\uFEFF${good}\r\n\r\n{"text":"play jazz","label":"music","extra":1}\r\n`);
  assert.deepEqual(readCorpus(path), [
    { text: "wake me up", label: "alarm" },
    { text: "play jazz", label: "music" },
  ]);
});

test("a line that is not JSON is named by file and number", () => {
  assert.match(faultOf(`${good}\n\n{"text": oops}\n`), /mine\.jsonl, line 3: this is not JSON/);
});

test("a line without a label, or with one that is no text, is named by number and field", () => {
  assert.match(faultOf(`${good}\n{"text":"play jazz"}\n`), /mine\.jsonl, line 2: "label"/);
  assert.match(faultOf(`{"text":" ","label":3}`), /mine\.jsonl, line 1: "text": must not be empty; "label"/);
  assert.match(faultOf("[]"), /line 1/);
});

test("an empty file and a file that is not there are errors too", () => {
  assert.match(faultOf("\n\n"), /mine\.jsonl is empty/);
  assert.throws(() => readCorpus(join(folder, "none.jsonl")), /none\.jsonl cannot be read/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { runRatchet } from "./run-ratchet.ts";

test("spans are places in the line that came in, one document a line, also for lines with breaks in them", async () => {
  const lines = ["😀 mail jane@acme.com", "nothing here", "two\nlines: +49 171 3920012 \u2028 end", ""];
  const input = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`.replace("\\u2028", "\u2028");
  const { code, out, err } = await runRatchet(["redact", "--spans", "--json-lines"], { input });
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.equal(
    out,
    `${[
      '{"text":"😀 mail [EMAIL_1]","spans":[{"start":8,"end":21,"type":"EMAIL"}]}',
      '{"text":"nothing here","spans":[]}',
      '{"text":"two\\nlines: [PHONE_1] \u2028 end","spans":[{"start":11,"end":26,"type":"PHONE"}]}',
      '{"text":"","spans":[]}',
    ].join("\n")}\n`,
  );
});

test("plain lines come out redacted, each numbered by itself; what is allowed stays", async () => {
  const input = "to a@acme.com and b@other.org\r\n\nto b@other.org";
  const { code, out } = await runRatchet(["redact", "--allow", "acme.com"], { input });
  assert.equal(code, 0);
  assert.equal(out, "to a@acme.com and [EMAIL_1]\n\nto [EMAIL_1]\n");
});

test("a line that is not a JSON string is named by its number, and not repeated", async () => {
  const { code, err } = await runRatchet(["redact", "--json-lines"], { input: '"fine"\nsecret@acme.com\n' });
  assert.equal(code, 2);
  assert.match(err, /^line 2 is not a JSON string\n/);
  assert.doesNotMatch(err, /secret/);
});

test("an unknown type of personal data is refused, with those that are known", async () => {
  const { code, err } = await runRatchet(["redact", "--types", "EMAIL,SHOE"]);
  assert.equal(code, 2);
  assert.match(err, /"SHOE".*\n→ .*EMAIL, PHONE, URL, HANDLE/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { PERSONAL_DATA } from "../../src/domain/personal-data.ts";
import { createRedactor, RECOGNISERS } from "../../src/snapshot/redact.ts";
import type { Recogniser } from "../../src/snapshot/redaction/recogniser.ts";
import { type LabelledText, ownLines, sharedLines } from "./redaction/labelled-lines.ts";
import { F1_TARGETS, MOST_FALSE_HITS, score } from "./redaction/score.ts";
import { chance } from "./row.ts";

function redact(text: string, types: "all" | "none" | readonly string[] = "all"): string {
  return createRedactor({ types }).conversation().redactText(text).text;
}

test("each type gets its own numbered placeholder, with spans in the text that came in", () => {
  const { text, spans } = createRedactor({ types: "all" })
    .conversation()
    .redactText("😀 mail jane@acme.com or bob@acme.com, see https://acme.com/x.");
  assert.equal(text, "😀 mail [EMAIL_1] or [EMAIL_2], see [URL_1].");
  assert.deepEqual(spans, [
    { start: 8, end: 21, type: "EMAIL" },
    { start: 25, end: 37, type: "EMAIL" },
    { start: 43, end: 61, type: "URL" },
  ]);
});

test("the same person keeps a placeholder through a conversation, however they are written", () => {
  const conversation = createRedactor({ types: "all" }).conversation();
  assert.equal(conversation.redactText("I am Jane@Acme.com, +49 171 3920012").text, "I am [EMAIL_1], [PHONE_1]");
  const answer = conversation.redactText("Hello jane at acme dot com, not joe@acme.com; I call 0171 3920012").text;
  assert.equal(answer, "Hello [EMAIL_1], not [EMAIL_2]; I call [PHONE_1]");
  assert.deepEqual(conversation.counts, { EMAIL: 3, PHONE: 2 });
});

test("another conversation counts from one again", () => {
  const redactor = createRedactor({ types: "all" });
  redactor.conversation().redactText("a@acme.com b@acme.com");
  assert.equal(redactor.conversation().redactText("c@acme.com").text, "[EMAIL_1]");
});

test("a placeholder that the text already holds is never given to someone else", () => {
  assert.equal(redact("[EMAIL_2] wrote to a@acme.com"), "[EMAIL_2] wrote to [EMAIL_3]");
});

test("each kind that the settings name has a recogniser, and no other kind has", () => {
  assert.deepEqual(RECOGNISERS.map(({ type }) => type).sort(), [...PERSONAL_DATA].sort());
});

test("only the chosen types are redacted", () => {
  const text = "@jane_doe: jane@acme.com";
  assert.equal(redact(text, ["HANDLE"]), "[HANDLE_1]: jane@acme.com");
  assert.equal(redact(text, "none"), text);
});

test("an unknown type is refused with the known ones", () => {
  assert.throws(
    () => createRedactor({ types: ["EMIAL"] }),
    (error: Fault) => {
      assert.match(error.message, /"EMIAL" is not a type/);
      assert.match(error.hint ?? "", /EMAIL, PHONE, URL, HANDLE/);
      return error instanceof Fault;
    },
  );
});

test("an allowed domain stays with its sub-domains, and an allowed number as written", () => {
  const conversation = createRedactor({ types: "all", allow: ["Acme.com", "+1 212 555 0187"] }).conversation();
  const { text } = conversation.redactText(
    "help@acme.com https://docs.acme.com/a x@notacme.com +1 212 555 0187 +1 212 555 0188",
  );
  assert.equal(text, "help@acme.com https://docs.acme.com/a [EMAIL_1] +1 212 555 0187 [PHONE_1]");
});

test("an allowed address keeps nothing that stands within it and is not allowed itself", () => {
  const conversation = createRedactor({ types: "all", allow: ["acme.com"] }).conversation();
  assert.equal(
    conversation.redactText("postgres://app:s3cretpw@db.acme.com/x and https://acme.com/?to=joe@other.org").text,
    "postgres://app:[SECRET_1]@db.acme.com/x and https://acme.com/?to=[EMAIL_1]",
  );
});

test("an account number keeps its placeholder however it is set in groups", () => {
  assert.equal(
    redact("DE89 3704 0044 0532 0130 00, de89370400440532013000; 4111 1111 1111 1111, 4111-1111-1111-1111"),
    "[IBAN_1], [IBAN_1]; [CARD_1], [CARD_1]",
  );
});

test("what overlaps goes as a whole, under the longer one's type", () => {
  assert.equal(redact("see https://acme.com/?mail=jane@acme.com&phone=+12125550187 now"), "see [URL_1] now");
  assert.equal(redact("toot @user@mastodon.social"), "toot [HANDLE_1]");
});

test("a further recogniser takes part like the built-in ones", () => {
  const badge: Recogniser = {
    type: "BADGE",
    find: (text) =>
      [...text.matchAll(/B-\d+/g)].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        key: match[0],
      })),
  };
  const redactor = createRedactor({ types: "all", recognisers: [badge] });
  assert.equal(redactor.conversation().redactText("B-12, B-13, B-12").text, "[BADGE_1], [BADGE_2], [BADGE_1]");
  assert.deepEqual(redactor.types, [...RECOGNISERS.map(({ type }) => type), "BADGE"]);
});

test("outside the spans every character stays, and within them only the placeholder does", () => {
  const random = chance(7);
  const pieces = [
    "jane@acme.com",
    "+49 30 23125042",
    "https://a.com/b",
    "@bob_k",
    " ",
    "\n",
    "hello",
    ", ",
    "(",
    ")",
    "é",
    "😀",
    "12",
    ".",
    "@",
    "0171 3920012",
    "电话",
    "x",
  ];
  for (let round = 0; round < 400; round += 1) {
    const text = Array.from({ length: 12 }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    const { text: redacted, spans } = createRedactor({ types: "all" }).conversation().redactText(text);
    let position = 0;
    let rest = redacted;
    for (const span of spans) {
      const between = text.slice(position, span.start);
      assert.ok(span.end > span.start && rest.startsWith(`${between}[${span.type}_`), text);
      rest = rest.slice(between.length).replace(/^\[[A-Z]+_\d+\]/, "");
      position = span.end;
    }
    assert.equal(rest, text.slice(position));
  }
});

function assertTargets(lines: readonly LabelledText[], diagnose: (message: string) => void): void {
  const { types, falseHits } = score(lines);
  for (const [type, floor] of Object.entries(F1_TARGETS)) {
    const { f1, hits, found, wanted } = types.get(type)!;
    diagnose(`${type} F1 ${f1.toFixed(3)} (${hits} of ${wanted}, ${found} found)`);
    assert.ok(f1 >= floor, `${type} reached ${f1}`);
  }
  assert.ok(falseHits <= MOST_FALSE_HITS, `${falseHits} false hits`);
}

test("on the shared hard lines each type reaches its target, with at most one false hit where nothing is personal", (context) => {
  const lines = sharedLines();
  if (lines === undefined) return context.skip("../shared/data/pii/hard.jsonl is not there");
  assertTargets(lines, (message) => context.diagnostic(message));
});

test("on the repository's own lines it does, too", (context) => {
  assertTargets(ownLines(), (message) => context.diagnostic(message));
});

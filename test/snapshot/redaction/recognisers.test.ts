import assert from "node:assert/strict";
import { test } from "node:test";
import { email } from "../../../src/snapshot/redaction/email.ts";
import { handle } from "../../../src/snapshot/redaction/handle.ts";
import { phone } from "../../../src/snapshot/redaction/phone.ts";
import type { Recogniser } from "../../../src/snapshot/redaction/recogniser.ts";
import { url } from "../../../src/snapshot/redaction/url.ts";

function found(recogniser: Recogniser, text: string): string[] {
  return recogniser.find(text).map(({ start, end }) => text.slice(start, end));
}

const CASES: [Recogniser, string, string[]][] = [
  [email, "write jane.doe+x@sub.acme.co.uk.", ["jane.doe+x@sub.acme.co.uk"]],
  [email, "müller@bücher.de, 'bob@x.io'", ["müller@bücher.de", "bob@x.io"]],
  [email, "jane@acme.com.Thanks", ["jane@acme.com"]],
  [email, "jane {at} acme {dot} io, joe @ acme.com", ["jane {at} acme {dot} io", "joe @ acme.com"]],
  [email, "look at acme dot com; meet at noon", []],
  [email, "lodash@4.17.21 root@server a@b..com @acme.com", []],
  [email, "git@github.com:acme/repo.git deploy@acme.com:/srv", []],
  [
    phone,
    "001-978-645-9740x818, (978)645-9740 and 978.645.9741x2",
    ["001-978-645-9740x818", "(978)645-9740", "978.645.9741x2"],
  ],
  [
    phone,
    "call 4155550177 or 0171/3920012 or +49 (0)30 23125042",
    ["4155550177", "0171/3920012", "+49 (0)30 23125042"],
  ],
  [phone, "mobile 98765 43210; fone (11) 91234-5678", ["98765 43210", "(11) 91234-5678"]],
  [phone, "手机号13800138000", ["13800138000"]],
  [phone, "call 555-0132", ["555-0132"]],
  [phone, "order 9786459740, epoch 1700000000123, 192.168.10.24, 2147483647", []],
  [phone, "2024-11-21 10:45:00, 01.02.2024, 0.123456789, 4111 1111 1111 1111", []],
  [phone, "sort code 20-00-00 account 12345678, IBAN NL91 ABNA 0417 1643 00", []],
  [url, "www.my-blog.net/about, bit.ly/3x and acme.de.", ["www.my-blog.net/about", "bit.ly/3x", "acme.de"]],
  [
    url,
    "(see https://en.wikipedia.org/wiki/Foo_(bar)), [x](http://a.io/b)",
    ["https://en.wikipedia.org/wiki/Foo_(bar)", "http://a.io/b"],
  ],
  [url, "postgres://u:p@db.acme.com:5432/x", ["postgres://u:p@db.acme.com:5432/x"]],
  [url, "my blog is jane.me", ["jane.me"]],
  [url, "README.md main.py index.js user.name arr.map(x) i.id Thanks.So 1.2.3 ASP.NET e.g. std::x", []],
  [url, "jane@acme.com com.acme.app", []],
  [handle, "hey @maría_dev, thx @li-wei and @the.real.bob.", ["@maría_dev", "@li-wei", "@the.real.bob"]],
  [handle, "@user@mastodon.social, u/spez, @123abc", ["@user@mastodon.social", "u/spez", "@123abc"]],
  [handle, "@Injectable() '@scope/name' @media (x) # @staticmethod a@b @10am @everyone /u/x/y", []],
];

for (const [recogniser, text, expected] of CASES) {
  test(`${recogniser.type} finds ${expected.length === 0 ? "nothing" : expected.join(" | ")} in: ${text}`, () => {
    assert.deepEqual(found(recogniser, text), expected);
  });
}

/** Counts how much of a text a recogniser looks at, by the characters that its string methods hand out. */
function work(recogniser: Recogniser, text: string): number {
  let steps = 0;
  const prototype = String.prototype as unknown as Record<string, (...given: unknown[]) => unknown>;
  const watched = ["charAt", "charCodeAt", "slice", "indexOf"];
  const originals = watched.map((name) => [name, prototype[name]] as const);
  for (const [name, original] of originals) {
    prototype[name] = function (this: string, ...given: unknown[]) {
      const result = original?.apply(this, given);
      steps += name === "slice" ? (result as string).length : name === "indexOf" ? 0 : 1;
      return result;
    };
  }
  try {
    recogniser.find(text);
  } finally {
    for (const [name, original] of originals) if (original !== undefined) prototype[name] = original;
  }
  return steps;
}

test("ten times the hostile text is about ten times the work, not a hundred times", () => {
  const hostile = [
    "a",
    "1",
    "1 ",
    "0 1",
    "@",
    "a@",
    "a.",
    "a@a.",
    "@a",
    "+1 ",
    "(",
    "https://",
    "://)",
    "a.com/)",
    "a.com/,",
    "www.",
    ".-",
    "a at b dot ",
    "call 1",
    "u/",
    "é",
  ];
  for (const recogniser of [email, phone, url, handle]) {
    for (const piece of hostile) {
      const small = work(recogniser, piece.repeat(1_000));
      const large = work(recogniser, piece.repeat(10_000));
      assert.ok(large <= 11 * small + 1_000, `${recogniser.type} on ${JSON.stringify(piece)}: ${small} then ${large}`);
      assert.ok(large <= 10_000 * piece.length * 700, `${recogniser.type} on ${JSON.stringify(piece)}: ${large}`);
    }
  }
});

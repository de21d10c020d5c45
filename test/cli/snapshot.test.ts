// The snapshot commands as people use them, on real snapshots.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { cancelCycle } from "../../src/store/cancel-cycle.ts";
import { collect } from "../../src/store/collect.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { addSnapshot } from "../../src/store/snapshots.ts";
import { makeSnapshot, record, said } from "../api/make-snapshot.ts";
import { ASKED } from "../store/loop-fixture.ts";
import { type CliWorld, openCliWorld } from "./cli-world.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-snapshots-"));
let world: CliWorld;
let old: string;
let first: string;
let second: string;

before(async () => {
  world = await openCliWorld();
  const { api } = world;
  await api.loop({ name: "demo", snapshot: { validationShare: 0, nearDuplicate: null } });
  old = await oldSnapshot();
  api.now += 3_600_000;
  await record(api, "demo", [
    ...Array.from({ length: 30 }, (_, at) =>
      said(`wake me at ${at}`, `alarm set for ${at}`, 1, { unit: `user:${at}` }),
    ),
    said("mail jane@acme.com", "done", 1, { action: "mail\u001b[2J" }),
    said("two and two?", "five", -1, { correction: "four" }),
    said("bye", "no", -1),
    said("sure?", "quite", 1, {
      messages: [
        { role: "user", content: "is it late?" },
        { role: "assistant", content: "no" },
        { role: "user", content: "sure?" },
      ],
    }),
  ]);
  first = await makeSnapshot(api, "demo");
  api.now += 3_600_000;
  await api.loop({
    name: "demo",
    snapshot: { validationShare: 0, nearDuplicate: null, minQuality: 0.8, actionTypes: ["mail\u001b[2J"] },
  });
  second = await makeSnapshot(api, "demo");
});
after(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One whose manifest is of the first format: fewer facts, and no card. */
async function oldSnapshot(): Promise<string> {
  const { database, artifacts, now } = world.api;
  const at = new Date(now);
  const line = Buffer.from('{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}\n');
  const file = {
    name: "training-snapshot-2026-01-02.jsonl",
    sha256: await artifacts.put("demo", line),
    bytes: line.length,
    examples: 1,
  };
  const { number: watermark } = await collect(database.db, "demo", at);
  const manifest = {
    format: "ratchet-snapshot/1",
    loop: "demo",
    created_for: "2026-01-02T03:04:05.000Z",
    settings: { minQuality: 0.7 },
    watermark,
    code_version: "0.0.1",
    seed: "demo",
    files: [{ ...file, role: "training" }],
    considered: 3,
    kept: 1,
    dropped: { "below-quality": 2 },
    by_action_type: { "": { before: 3, after: 1 } },
    redactions: {},
  };
  const id = newId();
  await database.db.withLoop("demo", async (tx) => {
    const cycle = await createCycle(tx, "demo", ASKED, { pulse: null, watermark, settingsVersion: 1, asOf: at });
    const entry = { id, loop: "demo", cycle_id: cycle.id, watermark, seed: "demo", manifest };
    await addSnapshot(tx, { ...entry, manifest_sha256: "c".repeat(64), examples: 1, at }, [file], 0);
    await cancelCycle(tx, "demo", cycle.id, ASKED, at);
  });
  return id;
}

const snapshot = (...args: string[]) => world.ratchet(["snapshot", ...args]);

test("the list says how much each kept, its tokens and its files' size; an old one's tokens are not known", async () => {
  const { code, out } = await snapshot("list");
  assert.equal(code, 0);
  const [titles, ...rows] = out.trimEnd().split("\n");
  assert.match(titles!, /^SNAPSHOT +MADE \(UTC\) +KEPT +TOKENS +FILES$/);
  assert.deepEqual(
    rows.map((row) => row.split(/ {2,}/)[0]),
    [second, first, old],
  );
  assert.match(rows[1]!, / 33 +\d{3} +\d+\.\d kB$/);
  assert.match(rows[2]!, / 1 +- +\d+ B$/);
  assert.ok(out.split("\n").every((row) => row.length <= 80));
});

test("a snapshot is shown with what it consists of, what was dropped and why, and every hash whole", async () => {
  const { out } = await snapshot("show", first);
  assert.match(out, /^33 of 34 interactions kept, \d+ tokens$/m);
  assert.match(out, /^people +30$/m);
  assert.match(out, /^corrections +1 of 33 were written by people/m);
  assert.match(out, /^replaced +EMAIL 1$/m);
  assert.match(out, /^one run +in-context about \$0\.00, openai-wire/m);
  assert.match(out, /^ +1 {2}not-rated-up +not rated up$/m);
  assert.match(out, /^ +33 +32 +97\.0 % {2}todo$/m);
  assert.match(out, /^ +1 +1 +3\.0 % {2}mail$/m);
  assert.match(
    out,
    /^training-snapshot-[\d-]+\.jsonl\n {2}33 lines, \d+ tokens, \d+\.\d kB\n {2}sha256 [0-9a-f]{64}$/m,
  );
  assert.ok(!out.includes("\u001b") && out.split("\n").every((row) => row.length <= 80), out);
});

test("an old snapshot is shown by what its manifest says", async () => {
  const { code, out } = await snapshot("show", old);
  assert.equal(code, 0);
  assert.match(out, /^1 of 3 interactions kept$/m);
  assert.match(out, /^ +2 {2}below-quality +below quality 0\.7$/m);
  assert.match(out, /^made with +format ratchet-snapshot\/1, seed demo, code 0\.0\.1$/m);
  assert.doesNotMatch(out, /people|undefined|null|NaN/);
});

test("the card is printed as it is, and an old snapshot that has none says what it has", async () => {
  const card = await snapshot("show", first, "--card");
  assert.match(card.out, /^# Training snapshot of demo/);
  const none = await snapshot("show", old, "--card");
  assert.deepEqual([none.code, none.out], [3, ""]);
  assert.match(none.err, /has no file "CARD\.md"\n→ it has training-snapshot-2026-01-02\.jsonl/);
});

test("as JSON a snapshot comes with its whole manifest", async () => {
  const { manifest } = JSON.parse((await snapshot("show", first, "--json")).out);
  assert.deepEqual([manifest.format, manifest.kept, manifest.diversity.people], ["ratchet-snapshot/2", 33, 30]);
});

test("a comparison says what changed, and that it narrowed", async () => {
  const { code, out } = await snapshot("diff", first, second);
  assert.equal(code, 0);
  assert.match(out, /^examples +1 in both, 32 only in the first, 0 only in the second$/m);
  assert.match(out, /^kept +33 → 1, of 34 considered$/m);
  assert.match(out, /^It narrowed\.$/m);
  assert.match(out, /^Fewer people speak: 0, 30 before\.$/m);
  assert.match(out, /^minQuality +0\.7 +0\.8$/m);
  assert.match(out, /^ +0 → 33 +0\.0 % → 97\.1 % {2}of other actions$/m);
  assert.match(out, /^ *32 → 0 +97\.0 % → 0\.0 % {2}todo$/m);
  assert.ok(!out.includes("\u001b") && out.split("\n").every((row) => row.length <= 80), out);
  assert.equal(JSON.parse((await snapshot("diff", first, second, "--json")).out).examples.in_both, 1);
});

test("an old snapshot is compared, and what it does not say is unknown", async () => {
  const { out } = await snapshot("diff", old, first);
  assert.match(out, /^tokens +unknown → \d+$/m);
  assert.match(out, /^people +unknown → 30$/m);
  assert.doesNotMatch(out, /undefined|null →|NaN|It narrowed/);
});

test("a snapshot compared with itself is the same", async () => {
  const { out } = await snapshot("diff", first, first);
  assert.match(out, /^The same settings\.$/m);
  assert.match(out, /^The same files, to the byte\.$/m);
  const other = await snapshot("diff", first, "nothing");
  assert.deepEqual([other.code, /has no snapshot "nothing"/.test(other.err)], [3, true]);
});

test("an export goes to standard output, and standard error says how many lines, and what was left out", async () => {
  const { code, out, err } = await snapshot("export", first, "--format", "alpaca");
  assert.equal(code, 0);
  assert.equal(out.trimEnd().split("\n").length, 32);
  assert.equal(
    err,
    "exported 32 lines; 1 left out: turns-not-carried 1\n  turns-not-carried: a line is not one question and its answer: use another format than alpaca\n",
  );
});

test("an export into a file is whole or not there", async () => {
  const file = join(folder, "pairs.jsonl");
  const done = await snapshot("export", first, "--format", "openai-dpo", "--output", file);
  assert.deepEqual([done.code, done.out], [0, ""]);
  assert.match(done.err, /^exported 1 line to .*pairs\.jsonl \(\d+ bytes\)\nOpenAI trains on no fewer than 10/);
  const [pair] = readFileSync(file, "utf8").trimEnd().split("\n");
  assert.equal(JSON.parse(pair!).preferred_output[0].content, "four");
  const json = await snapshot("export", first, "--format", "trl-sft", "--output", file, "--json");
  assert.deepEqual([JSON.parse(json.out).lines, JSON.parse(json.out).left_out], [33, {}]);
  const missing = join(folder, "none.jsonl");
  const refused = await snapshot("export", old, "--format", "trl-dpo", "--output", missing);
  assert.equal(refused.code, 3);
  assert.match(refused.err, /has no preferences, of which trl-dpo is made\n→ people make them/);
  assert.deepEqual(readdirSync(folder), ["pairs.jsonl"]);
  assert.match((await snapshot("export", first, "--format", "parquet")).err, /Allowed choices are openai-sft, /);
});

test("a file to rehearse from is kept, and the command says what to do with its hash", async () => {
  const file = join(folder, "rehearsal.jsonl");
  const line = '{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}\n';
  writeFileSync(file, line.repeat(3));
  const kept = await snapshot("rehearse", file);
  assert.match(
    kept.out,
    /^Kept 3 examples of \d+ tokens\.\n.*\n {2}"snapshot": \{"rehearsalFile": "[0-9a-f]{64}"\}\n$/,
  );
  writeFileSync(file, `${line}{"messages":\n${line}nothing\n`);
  const broken = await snapshot("rehearse", file);
  assert.equal(broken.code, 2);
  assert.match(
    broken.err,
    /2 of 4 lines cannot be learned:\n {2}- line 2 is not JSON: .*\n {2}- line 4 is not JSON: .*\n→ /,
  );
  for (const path of [join(folder, "nothing"), folder]) {
    const none = await snapshot("rehearse", path);
    assert.deepEqual([none.code, /^there is no file .* that can be read\n/.test(none.err)], [3, true]);
  }
});

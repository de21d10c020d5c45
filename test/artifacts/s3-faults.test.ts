// What becomes of artifacts in S3 when the network or the store goes wrong: it is tried again, or said in words.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { keepOn } from "../../src/artifacts/keep-on.ts";
import { s3Shelf } from "../../src/artifacts/s3-shelf.ts";
import { Fault } from "../../src/domain/fault.ts";
import { sha256 } from "../../src/domain/sha256.ts";
import { faultLike } from "../store/loop-fixture.ts";
import { type Mishap, startFaultyNetwork } from "./faulty-network.ts";
import { BUCKET, startS3Server } from "./s3-server.ts";

const server = await startS3Server();
const network = await startFaultyNetwork(server.port);
const folder = mkdtempSync(join(tmpdir(), "ratchet-faults-"));
after(async () => {
  await network.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  network.mishap = () => undefined;
  network.seen.length = 0;
});

const place = (endpoint: string, bucket = BUCKET) =>
  ({ kind: "s3", bucket, prefix: "", endpoint, region: "us-east-1", pathStyle: true }) as const;
const artifacts = keepOn(s3Shelf(place(network.endpoint), { connectMs: 2_000, idleMs: 1_000 }));
const calm = keepOn(s3Shelf(place(server.endpoint))); // the same store over a network that is well
const LOOP = "shop";
const large = randomBytes(20 * 1024 * 1024); // three parts
const largePath = join(folder, "large");
writeFileSync(largePath, large);

const isPart = ({ method, url }: { method: string; url: string }) => method === "PUT" && url.includes("partNumber=");
const partsTakenAway = () =>
  network.seen.filter((one) => one.startsWith("DELETE ") && one.includes("uploadId=")).length;

const PASSING: Record<string, Mishap> = {
  "a store that is busy": { kind: "refuse", status: 503, code: "SlowDown" },
  "an error of the store's own": { kind: "refuse", status: 500, code: "InternalError" },
  "a connection that drops": { kind: "drop" },
  "an answer that is lost": { kind: "lose" },
  "a store that is silent": { kind: "hang" },
};
for (const [what, mishap] of Object.entries(PASSING)) {
  test(`${what}, once, is borne by putting, reading, gzipping and deleting`, async () => {
    network.mishap = ({ before }) => (before === 0 ? mishap : undefined);
    const bytes = randomBytes(100_000);
    const hash = await artifacts.put(LOOP, bytes);
    assert.ok((await artifacts.get(LOOP, hash)).equals(bytes));
    await artifacts.compress(LOOP, hash);
    assert.ok((await artifacts.get(LOOP, hash)).equals(bytes));
    await artifacts.delete(LOOP, hash);
    assert.deepEqual(server.keys(`${LOOP}/`), []);
  });

  test(`${what} for one part of a large file is borne`, async () => {
    let met = false;
    network.mishap = (asked) => {
      if (met || !isPart(asked)) return undefined;
      met = true;
      return mishap;
    };
    const { sha256: hash } = await artifacts.putFile(LOOP, largePath);
    assert.ok(met);
    assert.ok((await artifacts.get(LOOP, hash)).equals(large));
    await artifacts.delete(LOOP, hash);
  });

  test(`${what}, always, is a Fault that says what to do`, async () => {
    network.mishap = () => mishap;
    const told = (error: unknown) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, "unavailable");
      assert.match(error.message, /the store at http:\/\/127\.0\.0\.1:\d+ (is too busy|cannot be reached|did)/);
      assert.ok(error.hint);
      return true;
    };
    await assert.rejects(artifacts.put(LOOP, Buffer.from("x")), told);
    await assert.rejects(artifacts.get(LOOP, sha256("x")), told);
    await calm.delete(LOOP, sha256("x")); // it is there where only the answer was lost
  });
}

for (const kind of ["cut", "stall"] as const) {
  test(`a body that is ${kind === "cut" ? "cut off" : "no longer coming"} is read on from where it ended`, async () => {
    const { sha256: hash } = await calm.putFile(LOOP, largePath);
    network.mishap = ({ method, before }) => (method === "GET" && before < 6 ? { kind, after: 2_500_000 } : undefined);
    assert.ok((await artifacts.get(LOOP, hash)).equals(large));
    assert.ok(network.seen.filter((one) => one.startsWith("GET ")).length >= 7);
    network.mishap = ({ method }) => (method === "GET" ? { kind, after: 0 } : undefined);
    await assert.rejects(artifacts.get(LOOP, hash), faultLike("unavailable", /cannot be reached, or went silent/));
    await calm.delete(LOOP, hash);
  });
}

test("bytes that the network shortened or changed are not handed out", async () => {
  const { sha256: hash } = await calm.putFile(LOOP, largePath);
  for (const mishap of [
    { kind: "shorten", to: 3_000_000 },
    { kind: "spoil", at: 12_345_678 },
  ] as const) {
    network.mishap = ({ method }) => (method === "GET" ? mishap : undefined);
    let seen = 0;
    await assert.rejects(async () => {
      for await (const part of await artifacts.read(LOOP, hash)) seen += part.length;
    }, /does not have the bytes/);
    assert.ok(seen < large.length);
    await assert.rejects(artifacts.compress(LOOP, hash), /does not have the bytes/);
    assert.equal(server.keys(`${LOOP}/`).length, 1, "nothing was gzipped, and nothing deleted");
  }
  await calm.delete(LOOP, hash);
});

test("when a part cannot be brought, the others are taken away and nothing is seen", async () => {
  network.mishap = (asked) =>
    isPart(asked) && asked.url.includes("partNumber=2")
      ? { kind: "refuse", status: 403, code: "AccessDenied" }
      : undefined;
  await assert.rejects(
    artifacts.putFile(LOOP, largePath),
    faultLike("unavailable", /lets these credentials do that nowhere/),
  );
  assert.equal(partsTakenAway(), 1);
  assert.deepEqual(server.keys(`${LOOP}/`), []);
});

test("aborting takes away the parts that are there, at once and although the store is silent", async () => {
  const stopping = new AbortController();
  const reason = new Error("the cycle was cancelled");
  network.mishap = (asked) => {
    if (!isPart(asked)) return undefined;
    if (asked.url.includes("partNumber=2")) setImmediate(() => stopping.abort(reason));
    return { kind: "hang" };
  };
  await assert.rejects(artifacts.putFile(LOOP, largePath, stopping.signal), reason);
  const parts = network.seen.filter((one) => one.includes("partNumber="));
  assert.equal(parts.length, new Set(parts).size, "nobody waited for the store, to try again");
  assert.equal(partsTakenAway(), 1);
  assert.deepEqual(server.keys(`${LOOP}/`), []);
});

const REFUSALS: [status: number, code: string, says: RegExp, hint: RegExp][] = [
  [403, "AccessDenied", /lets these credentials do that nowhere in s3:\/\/artifacts/, /s3:GetObject, s3:PutObject/],
  [403, "InvalidAccessKeyId", /does not know these credentials/, /AWS_ACCESS_KEY_ID/],
  [403, "SignatureDoesNotMatch", /or their secret is wrong/, /AWS_SECRET_ACCESS_KEY/],
  [403, "RequestTimeTooSkewed", /the clock of this machine and that of the store/, /NTP/],
  [400, "ExpiredToken", /have expired/, /renew them/],
  [404, "NoSuchBucket", /no such bucket as that of s3:\/\/artifacts/, /make it, or correct RATCHET_ARTIFACTS/],
  [301, "PermanentRedirect", /in another region/, /region=/],
  [507, "XMinioStorageFull", /no more room/, /make room/],
  [418, "SomethingNew", /did not do what was asked .*\(SomethingNew, 418\)/, /look at the store/],
];
for (const [status, code, says, hint] of REFUSALS) {
  test(`${code} is said in words, without the store's own and without a secret`, async () => {
    network.mishap = () => ({ kind: "refuse", status, code });
    for (const asked of [
      () => artifacts.put(LOOP, Buffer.from("x")),
      () => artifacts.get(LOOP, sha256("x")),
      () => artifacts.check(),
    ])
      await assert.rejects(asked(), (error) => {
        assert.ok(error instanceof Fault, String(error));
        assert.equal(error.code, "unavailable");
        assert.match(error.message, says);
        assert.match(error.hint!, hint);
        assert.equal(error.cause, undefined, "the SDK's error has the signed request in it");
        assert.doesNotMatch(`${error.message} ${error.hint}`, /S3RVER|said by a test|\n/);
        return true;
      });
  });
}

test("a bucket that is not there, and a store that nobody runs, are named", async () => {
  const nowhere = keepOn(s3Shelf(place(server.endpoint, "not-made")));
  await assert.rejects(nowhere.check(), faultLike("unavailable", /has no such bucket as that of s3:\/\/not-made/));
  const port = await freePort();
  const silent = keepOn(s3Shelf(place(`http://127.0.0.1:${port}`)));
  await assert.rejects(silent.check(), faultLike("unavailable", /cannot be reached.*ECONNREFUSED/));
});

test("a store whose failure passes is well again, and is then asked only now and then", async () => {
  const fresh = s3Shelf(place(network.endpoint), { connectMs: 2_000, idleMs: 400 });
  network.mishap = () => ({ kind: "refuse", status: 403, code: "AccessDenied" });
  await assert.rejects(fresh.check());
  network.mishap = () => undefined;
  await fresh.check();
  const asked = network.seen.length;
  for (let time = 0; time < 5; time++) await fresh.check();
  assert.equal(network.seen.length, asked);
  assert.deepEqual(server.keys(".check"), []);
});

test("without credentials the fault says where they are looked for", async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const none = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: join(folder, "no-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "no-credentials"),
  };
  try {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    Object.assign(process.env, none);
    const lost = openArtifacts(`s3://${BUCKET}?endpoint=${server.endpoint}&region=us-east-1`);
    await assert.rejects(lost.check(), faultLike("unavailable", /no credentials were found for s3:\/\/artifacts/));
    const nowhere = openArtifacts(`s3://${BUCKET}?endpoint=${server.endpoint}`);
    await assert.rejects(nowhere.check(), faultLike("unavailable", /in which region/));
  } finally {
    for (const name of Object.keys(none)) delete process.env[name];
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  }
});

async function freePort(): Promise<number> {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as { port: number };
  await new Promise((resolve) => taken.close(resolve));
  return port;
}

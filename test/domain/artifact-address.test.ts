import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { parseArtifactAddress, showAddress } from "../../src/domain/artifact-address.ts";
import { Fault } from "../../src/domain/fault.ts";

const amazon = { kind: "s3", bucket: "training", prefix: "", endpoint: null, region: null, pathStyle: false } as const;

test("what has no scheme is a folder", () => {
  for (const path of ["/var/lib/ratchet", "artifacts", "C:\\ratchet\\artifacts", "a folder?endpoint=no"])
    assert.deepEqual(parseArtifactAddress(path), { kind: "folder", path });
});

test("a bucket may have a prefix, an endpoint and a region, each once", () => {
  assert.deepEqual(parseArtifactAddress("s3://training"), amazon);
  assert.deepEqual(parseArtifactAddress("S3://training/?region=eu-central-1"), { ...amazon, region: "eu-central-1" });
  const full = "s3://training/of/shop/?endpoint=http://127.0.0.1:9000&region=us-east-1&pathStyle=false";
  const parsed = parseArtifactAddress(full);
  assert.deepEqual(parsed, {
    kind: "s3",
    bucket: "training",
    prefix: "of/shop",
    endpoint: "http://127.0.0.1:9000",
    region: "us-east-1",
    pathStyle: false,
  });
  assert.equal(showAddress(parsed), "s3://training/of/shop");
});

test("a store of one's own is asked in path style unless told, since its bucket has seldom a host's name", () => {
  assert.deepEqual(parseArtifactAddress("s3://training?endpoint=https%3A%2F%2Fminio.example%2Fs3%2F"), {
    ...amazon,
    endpoint: "https://minio.example/s3",
    pathStyle: true,
  });
});

const WRONG: [address: string, says: RegExp][] = [
  ["gs://training", /"gs:\/\/" is no place for artifacts/],
  ["https://training.s3.amazonaws.com", /"https:\/\/" is no place/],
  ["s3://", /names no bucket/],
  ["s3:///prefix", /names no bucket/],
  ["s3://Training", /"Training" is no bucket's name/],
  ["s3://a", /3 to 63 small letters/],
  ["s3://training:9000/x", /a port belongs to the endpoint/],
  ["s3://training/x#y", /no "#"/],
  ["s3://training/a/../../b c", /the prefix may hold/],
  ["s3://training/a//b", /the prefix may hold/],
  ["s3://training?endpiont=http://x", /"endpiont" is no parameter of it: did you mean endpoint\?/],
  ["s3://training?pathstyle=true", /did you mean pathStyle\?/],
  ["s3://training?acceleration-of-some-kind=1", /it takes endpoint, region, pathStyle/],
  ["s3://training?region=a&region=b", /region stands there twice/],
  ["s3://training?region=", /region must be a region's name/],
  ["s3://training?endpoint=minio:9000", /endpoint must be an address that begins with http/],
  ["s3://training?endpoint=", /endpoint must be an address/],
  ["s3://training?endpoint=http://x?y", /may hold no "\?"/],
  ["s3://training?pathStyle=yes", /pathStyle must be true or false/],
];
for (const [address, says] of WRONG) {
  test(`${address} is refused in words that say how to write it`, () => {
    assert.throws(
      () => parseArtifactAddress(address),
      (error) =>
        error instanceof Fault &&
        error.code === "invalid" &&
        says.test(error.message) &&
        /s3:\/\/bucket/.test(error.hint!),
    );
  });
}

for (const address of [
  "s3://AKIA123:hunter2@training",
  "s3://hunter2@training",
  "s3://training?endpoint=http://AKIA123:hunter2@x:9000",
  "s3://training?secretAccessKey=hunter2",
  "s3://training?accessKeyId=AKIA123&session_token=hunter2",
]) {
  test(`credentials in an address are refused, and not repeated: ${address.replace("hunter2", "…")}`, () => {
    assert.throws(
      () => parseArtifactAddress(address),
      (error) =>
        error instanceof Fault &&
        /may not stand in it|may stand in/.test(error.message) &&
        /AWS_ACCESS_KEY_ID/.test(error.hint!) &&
        !/hunter2|AKIA123/.test(`${error.message} ${error.hint} ${JSON.stringify(error.details)}`),
    );
  });
}

test("the environment names a wrong address together with everything else that is wrong", () => {
  assert.throws(
    () => readConfig({ RATCHET_ARTIFACTS: "s3://training?regoin=x", RATCHET_PORT: "many" }),
    (error) =>
      error instanceof Fault &&
      /RATCHET_ARTIFACTS is not valid: "regoin" is no parameter of it: did you mean region\?/.test(error.message) &&
      /RATCHET_PORT/.test(error.message),
  );
  assert.equal(readConfig({ RATCHET_ARTIFACTS: " s3://training " }).artifacts, "s3://training");
  assert.equal(readConfig({}).artifacts, null);
});

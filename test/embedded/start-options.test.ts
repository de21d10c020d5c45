import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { parseStartOptions, START_USAGE } from "../../src/embedded/start-options.ts";

test("without flags, data lie in .ratchet of the present folder and nothing is said of the port", () => {
  assert.deepEqual(parseStartOptions([], "/home/ada"), {
    dataDir: "/home/ada/.ratchet",
    port: null,
    json: false,
    help: false,
  });
});

test("flags are read in both spellings", () => {
  assert.deepEqual(parseStartOptions(["--data", "../x", "--port=0", "--json"], "/home/ada"), {
    dataDir: "/home/x",
    port: 0,
    json: true,
    help: false,
  });
});

const wrong: [string[], RegExp][] = [
  [["--prot", "1"], /unknown flag --prot: did you mean --port\?/],
  [["--verbose"], /unknown flag --verbose/],
  [["demo"], /"demo" belongs to no flag/],
  [["--port", "70000"], /--port 70000: a whole number from 0 to 65535/],
  [["--port", "-1"], /--port/],
  [["--port"], /--port/],
];
for (const [args, message] of wrong) {
  test(`"${args.join(" ")}" is refused with the flags there are`, () => {
    assert.throws(
      () => parseStartOptions(args, "/"),
      (error) =>
        error instanceof Fault &&
        error.code === "invalid" &&
        message.test(error.message) &&
        /--data, --port, --json, --help/.test(error.hint ?? ""),
    );
  });
}

test("the usage names every flag", () => {
  for (const flag of ["--data", "--port", "--json", "--help"]) assert.ok(START_USAGE.includes(flag), flag);
});

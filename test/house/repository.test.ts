// House rules that no compiler knows: who reads the environment, where SQL is, how files begin and end, what is pinned.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { ROOT, readSources } from "./sources.ts";

const sources = readSources();

/** Longer than the house likes, each with its reason. */
const LONG: Record<string, string> = {
  "sandbox/phrasebook.ts": "data: the phrases that the generated corpus is made of",
};
const MOST_LINES = 250;

/** Who may read process.env: the one who parses it, and those who hand it on to children. */
const READ_ENVIRONMENT = new Set(["config.ts", "start.ts", "server.ts", "worker.ts", "demo/servers.ts"]);

const paths = (found: typeof sources) => found.map((source) => source.path);

test("only config.ts reads the environment; roots hand it on to the processes they start", () => {
  const readers = sources.filter(
    ({ path, code }) => /\bprocess\s*\.\s*env\b/.test(code) && !READ_ENVIRONMENT.has(path),
  );
  assert.deepEqual(paths(readers), []);
});

test("SQL is in the store, and nowhere else", () => {
  const home = /^(store|db)\//;
  const queries = /\bsql\s*`|\/sql\.ts["']|\.query\s*\(\s*["'`]\s*(select|insert|update|delete|with)\b/i;
  const elsewhere = sources.filter(({ path, code }) => !home.test(path) && queries.test(code));
  const servers = elsewhere.filter(({ path }) => path !== "embedded/postgres.ts"); // makes the database that the store lives in
  assert.deepEqual(paths(servers), []);
});

test("files are small; a long one has a reason on record", () => {
  const long = sources.filter(({ text }) => text.split("\n").length - 1 > MOST_LINES);
  assert.deepEqual(
    paths(long).filter((path) => LONG[path] === undefined),
    [],
  );
  assert.deepEqual(
    Object.keys(LONG).filter((path) => !paths(long).includes(path)),
    [],
    "these are short now: take them from the list",
  );
});

test("every file opens with a sentence that says why it is there", () => {
  const silent = sources.filter(({ text }) => {
    const lines = text.split("\n");
    return !/^\/\/ \S+( \S+)+/.test(lines[0]!.startsWith("#!") ? lines[1]! : lines[0]!);
  });
  assert.deepEqual(paths(silent), []);
});

test("no file promises what it does not do", () => {
  const promising = sources.filter(({ text }) => /\/[/*]+\s*(TODO|FIXME|XXX|HACK)\b/.test(text));
  assert.deepEqual(paths(promising), []);
});

test("dependencies are exact versions", () => {
  const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as Record<string, Record<string, string>>;
  const loose = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
  );
  assert.deepEqual(loose, []);
});

test("the lock file names no registry, so that it works with any", () => {
  const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, "utf8")) as {
    packages: Record<string, { resolved?: string; link?: boolean }>;
  };
  const named = Object.entries(lock.packages).filter(
    ([, { resolved }]) => resolved !== undefined && /^https?:/.test(resolved),
  );
  assert.deepEqual(named, []);
  assert.ok(Object.keys(lock.packages).length > 100, "the lock file holds no packages");
});

test("nothing names the place where it was written", () => {
  const places = [ROOT.slice(1, -1), "work"]
    .filter((place) => place !== "")
    .map((place) => place.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const absolute = new RegExp(`(^|[^\\w.}/~-])/(${places.join("|")})/\\w`, "m");
  const named = filesOfRepository().filter((path) => absolute.test(readFileSync(`${ROOT}${path}`, "utf8")));
  assert.deepEqual(named, []);
});

/** What is, or would be, committed. */
function filesOfRepository(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 50_000_000,
  });
  const files = listed
    .split("\0")
    .filter((path) => path !== "" && statSync(`${ROOT}${path}`, { throwIfNoEntry: false })?.isFile());
  assert.ok(files.length > 100, "the repository's files could not be listed");
  return files;
}

// The direction of imports, proved on the sources as Node runs them: type-only imports are gone there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { biomeGroup, covers, DIRECTIONS } from "./directions.ts";
import { type Import, ROOT, readImports, readSources, specifiersIn, stripped } from "./sources.ts";

const sources = readSources();
const imports = readImports(sources);
const atRunTime = imports.filter((one) => !one.typesOnly);
const words = (found: readonly Import[]) => found.map(({ from, specifier }) => `${from.path} imports ${specifier}`);

test("imports are read as Node sees them: types are gone, everything else stays", () => {
  const text = [
    'import type { A } from "./a.ts";',
    'import { type B, b } from "./b.ts";',
    'import "./c.ts";',
    'export * from "./d.ts";',
    'export type { E } from "./e.ts";',
    "import {\n  f,\n  g,\n} from './f.ts';",
    'const h = await import("./h.ts");',
    'const words = "import x from nowhere";',
  ].join("\n");
  assert.deepEqual(specifiersIn(text), ["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts", "./h.ts"]);
  assert.deepEqual(specifiersIn(stripped(text)), ["./b.ts", "./c.ts", "./d.ts", "./f.ts", "./h.ts"]);
  assert.ok(imports.length > 500, `only ${imports.length} imports were found: are they read at all?`);
});

test("every room of src stands in the table of directions", () => {
  assert.deepEqual(
    [...new Set(sources.map((source) => source.room))].filter((room) => DIRECTIONS[room] === undefined),
    [],
    "say in test/house/directions.ts what it may import, and in biome.json what it may not",
  );
});

test("rooms import in one direction", () => {
  const wrong = imports.filter(({ from, path, room, typesOnly }) => {
    const direction = DIRECTIONS[from.room];
    if (path === null || room === from.room || direction === undefined) return false;
    return !covers([...direction.may, ...(typesOnly ? (direction.types ?? []) : [])], path);
  });
  assert.deepEqual(words(wrong), []);
});

test("the table of directions has no circle", () => {
  const open = new Set<string>();
  const circles: string[] = [];
  const visit = (room: string) => {
    if (open.has(room)) return void circles.push([...open, room].join(" → "));
    open.add(room);
    for (const entry of DIRECTIONS[room]?.may ?? []) if (!entry.includes("/")) visit(entry);
    open.delete(room);
  };
  for (const room of Object.keys(DIRECTIONS)) visit(room);
  assert.deepEqual(circles, []);
});

test("workflow code imports only Temporal's workflow packages and pure helpers for durations, times and queues", () => {
  const helpers = ["domain/duration.ts", "domain/submission-times.ts", "domain/task-queues.ts"];
  const allowed = new Set(["@temporalio/workflow", "@temporalio/common", ...helpers.map((path) => `../${path}`)]);
  const wrong = atRunTime.filter(
    ({ from, specifier }) => from.room === "workflows" && !specifier.startsWith("./") && !allowed.has(specifier),
  );
  assert.deepEqual(words(wrong), []);
  const theirs = atRunTime.filter(({ from }) => helpers.includes(from.path));
  assert.deepEqual(words(theirs), [], "what workflows import must be pure, and import nothing itself");
});

test("the assignment imports nothing, so that it runs in a browser as it is", () => {
  assert.deepEqual(words(imports.filter(({ from }) => from.path === "evidence/assignment.ts")), []);
});

test("only the rooms at the edges know the packages of the edges", () => {
  const homes: [pattern: RegExp, rooms: string[]][] = [
    [/^pg$|^node-pg-migrate$/, ["db", "embedded"]],
    [/^@temporalio\/workflow/, ["workflows"]],
    [/^@temporalio\/activity/, ["activities"]],
    [/^@temporalio\/worker/, ["worker.ts"]],
    [/^@temporalio\/(client|proto)/, ["client.ts", "schedule.ts", "embedded"]],
    [/^@temporalio\/common/, ["workflows", "activities", "client.ts", "schedule.ts"]],
    [/^@temporalio\/testing/, []],
    [/^openai$/, ["providers", "trainers", "api"]],
    [/^hono|^@hono\//, ["api", "sandbox", "server.ts"]],
    [/^commander$/, ["cli"]],
    [/^pino$/, ["log.ts"]],
    [/^@opentelemetry\/api$/, ["telemetry", "log.ts"]],
    [/^@opentelemetry\/(?!api$)|^@temporalio\/interceptors-opentelemetry|^prom-client$/, ["telemetry"]],
  ];
  const wrong = atRunTime.filter(({ from, specifier, path }) =>
    homes.some(([pattern, rooms]) => path === null && pattern.test(specifier) && !rooms.includes(from.room)),
  );
  assert.deepEqual(words(wrong), []);
});

test("biome's import rules say what the table says", () => {
  const { overrides } = JSON.parse(readFileSync(`${ROOT}biome.json`, "utf8")) as { overrides: BiomeOverride[] };
  const said = overrides.flatMap(({ includes, linter }) =>
    (linter?.rules?.style?.noRestrictedImports?.options.patterns ?? []).map(({ group }) => [includes[0], group]),
  );
  const meant = Object.keys(DIRECTIONS).map((room) => [
    room.endsWith(".ts") ? `src/${room}` : `src/${room}/**`,
    biomeGroup(room),
  ]);
  assert.deepEqual(Object.fromEntries(said), Object.fromEntries(meant));
});

interface BiomeOverride {
  includes: string[];
  linter?: { rules?: { style?: { noRestrictedImports?: { options: { patterns: { group: string[] }[] } } } } };
}

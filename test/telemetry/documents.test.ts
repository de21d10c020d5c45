// docs/observe.md, the dashboard, the alert rules and the example of scraping say what is there, and nothing else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ALERT_KINDS } from "../../src/domain/alert-kind.ts";
import { LOG_EVENTS } from "../../src/telemetry/log-events.ts";
import { METRICS, TEMPORAL_METRICS } from "../../src/telemetry/metrics.ts";
import { labelsIn, metricsIn } from "./promql-names.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const observe = read("docs/observe.md");
/** The rows of the table under this heading's line. */
function table(header: string): string[] {
  const [, after = ""] = observe.split(`${header}\n`);
  const [rows = ""] = after.split("\n\n");
  return rows.split("\n").slice(1);
}

test("the table of metrics in docs/observe.md is the table of src/telemetry/metrics.ts", () => {
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  assert.deepEqual(
    table("| metric | type | labels | from | means |"),
    Object.entries(METRICS).map(
      ([name, { type, labels, from, help }]) =>
        `| \`${name}\` | ${type} | ${code(labels)} | ${from.join(", ")} | ${help} |`,
    ),
  );
});

test("the table of events in docs/observe.md is the table of src/telemetry/log-events.ts", () => {
  assert.deepEqual(
    table("| event | level | fields | logged when |"),
    Object.entries(LOG_EVENTS).map(([name, { levels, fields, when }]) => {
      const listed = Object.entries(fields).map(([field, kind]) => `\`${field}\`${kind.endsWith("?") ? "?" : ""}`);
      return `| \`${name}\` | ${levels.join(", ")} | ${listed.join(", ")} | ${when} |`;
    }),
  );
});

test("metrics are named by Prometheus' habits", () => {
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    assert.match(name, /^(ratchet|gen_ai)_[a-z_]+$/);
    assert.equal(name.endsWith("_total"), type === "counter", name);
    if (name.includes("duration") || name.includes("timestamp") || name.includes("interval"))
      assert.match(name, /_seconds$/);
    assert.match(help, /^[A-Z0-9].*[^.]$/);
  }
});

test("PromQL's names are found: metrics apart from labels, functions, durations and words", () => {
  const query = `max by (loop, kind) (increase(a_total{loop=~"$x", b!="c{}"}[$__range])) / on (loop) group_left (d) clamp_min(sum(e offset 5m), 1) > bool 0.5 or absent(f) unless time() - g`;
  assert.deepEqual(metricsIn(query), ["a_total", "e", "f", "g"]);
  assert.deepEqual(labelsIn(query), ["b", "d", "kind", "loop"]);
});

const KNOWN = new Set<string>([
  ...Object.entries(METRICS).flatMap(([name, { type }]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...TEMPORAL_METRICS.flatMap((name) => (name.endsWith("_seconds") ? [`${name}_bucket`] : [name])),
  "up",
]);
const LABELS = new Set<string>([
  ...Object.values(METRICS).flatMap(({ labels }) => [...labels]),
  ...["le", "instance", "job", "worker_type", "workflow_type"],
]);

function checkQuery(query: string): void {
  const named = metricsIn(query);
  assert.ok(named.length > 0, query);
  assert.deepEqual(
    named.filter((name) => !KNOWN.has(name)),
    [],
    query,
  );
  assert.deepEqual(
    labelsIn(query).filter((label) => !LABELS.has(label)),
    [],
    query,
  );
}

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

test("the dashboard asks only for metrics and labels that exist, and its panels do not overlap", () => {
  const { panels, uid, templating } = JSON.parse(read("observe/grafana-dashboard.json")) as {
    uid: string;
    panels: Panel[];
    templating: { list: { type: string; definition?: string }[] };
  };
  assert.equal(uid, "ratchet");
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(queries.length > 25);
  for (const query of queries) checkQuery(query);
  for (const { definition } of templating.list)
    if (definition !== undefined) checkQuery(/^label_values\((\w+), \w+\)$/.exec(definition)![1]!);
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const [index, one] of panels.entries()) {
    if (one.type !== "row") assert.ok(one.description, `${one.title} says what it shows`);
    assert.ok(one.gridPos.x + one.gridPos.w <= 24, one.title);
    for (const other of panels.slice(index + 1)) assert.ok(apart(one, other), `${one.title} over ${other.title}`);
  }
  const asked = new Set(queries.flatMap(metricsIn).map((name) => name.replace(/_(bucket|sum|count)$/, "")));
  for (const name of ["ratchet_cycles_total", "ratchet_training_spent_usd", "ratchet_recording_in_flight"])
    assert.ok(asked.has(name), `${name} is worth a panel`);
});

function apart({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}

test("every alert rule asks for what exists, says how urgent it is, what is wrong, and where to look", () => {
  const rules = read("observe/alert-rules.yml")
    .split(/^ {6}- alert: /m)
    .slice(1);
  assert.ok(rules.length >= 8);
  for (const rule of rules) {
    const [name = ""] = rule.split("\n");
    const query = /^ {8}expr: (?:>\n((?: {10}.*\n)+)|(.*)\n)/m.exec(rule);
    assert.ok(query, name);
    checkQuery(query[1] ?? query[2] ?? "");
    assert.match(rule, /severity: (page|ticket) /, name);
    assert.match(rule, /summary: ".+"/, name);
    assert.match(rule, /look_at: ".+"/, name);
  }
});

test("the example of scraping names the rules, and the ports that the documents name", () => {
  const example = read("observe/prometheus.yml");
  assert.match(example, /- alert-rules\.yml/);
  for (const target of ["127.0.0.1:4400", "127.0.0.1:9464"]) assert.ok(example.includes(target));
  assert.ok(observe.includes("RATCHET_WORKER_METRICS=127.0.0.1:9464"));
  assert.ok(
    example.includes("job_name: ratchet-server") && read("observe/alert-rules.yml").includes('job="ratchet-server"'),
  );
});

test("the table of alerts in docs/operate.md has every kind there is, and no other", () => {
  const [, after = ""] = read("docs/operate.md").split("| alert | means | look at |\n|---|---|---|\n");
  const named = after
    .split("\n\n")[0]!
    .split("\n")
    .flatMap((row) => row.split("|")[1]!.match(/[a-z_]+/g) ?? []);
  assert.deepEqual(named.toSorted(), ALERT_KINDS.toSorted());
});

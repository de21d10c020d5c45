import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeKey } from "../../src/api/key-text.ts";
import { addKey, type Scope } from "../../src/store/keys.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

let world: ApiWorld;
let cycleId: string;
const SCOPES: readonly Scope[] = ["serve", "feedback", "read", "operate", "admin"];
const IMPLIED_BY: Record<Scope, Scope[]> = {
  serve: ["serve", "admin"],
  feedback: ["feedback", "admin"],
  read: ["read", "operate", "admin"],
  operate: ["operate", "admin"],
  admin: ["admin"],
};

/** Every route, and the scopes of which one is enough. */
const ROUTES: [method: string, path: string, scopes: Scope[]][] = [
  ["post", "/v1/chat/completions", ["serve"]],
  ["get", "/v1/models", ["serve"]],
  ["post", "/api/interactions", ["serve", "feedback"]],
  ["post", "/api/feedback", ["feedback"]],
  ["get", "/api/feedback", ["read"]],
  ["get", "/api/feedback/patterns", ["read"]],
  ["get", "/api/feedback/export", ["read"]],
  ["get", "/api/admin/learning-dashboard", ["read"]],
  ["get", "/api/loops", ["read"]],
  ["get", "/api/loops/{loop}", ["read"]],
  ["put", "/api/loops/{loop}", ["admin"]],
  ["get", "/api/loops/{loop}/status", ["read"]],
  ["get", "/api/loops/{loop}/routing", ["serve", "read"]],
  ["post", "/api/loops/{loop}/pause", ["operate"]],
  ["post", "/api/loops/{loop}/resume", ["operate"]],
  ["post", "/api/loops/{loop}/pulse", ["operate"]],
  ["post", "/api/loops/{loop}/rollback", ["operate"]],
  ["get", "/api/loops/{loop}/models", ["read"]],
  ["get", "/api/loops/{loop}/models/{model}", ["read"]],
  ["get", "/api/loops/{loop}/promotions", ["read"]],
  ["get", "/api/loops/{loop}/alerts", ["read"]],
  ["get", "/api/loops/{loop}/alerts/{id}", ["read"]],
  ["get", "/api/loops/{loop}/audit", ["read"]],
  ["get", "/api/loops/{loop}/audit/verify", ["read"]],
  ["get", "/api/loops/{loop}/audit/{sequence}", ["read"]],
  ["get", "/api/loops/{loop}/costs", ["read"]],
  ["get", "/api/loops/{loop}/gold", ["read"]],
  ["post", "/api/loops/{loop}/gold", ["operate"]],
  ["get", "/api/loops/{loop}/cycles", ["read"]],
  ["post", "/api/loops/{loop}/cycles", ["operate"]],
  ["get", "/api/loops/{loop}/cycles/{id}", ["read"]],
  ["get", "/api/cycles/{id}", ["read"]],
  ["post", "/api/cycles/{id}/cancel", ["operate"]],
  ["get", "/api/loops/{loop}/experiments", ["read"]],
  ["post", "/api/loops/{loop}/experiments", ["operate"]],
  ["get", "/api/loops/{loop}/plan", ["read"]],
  ["get", "/api/loops/{loop}/calibration", ["read"]],
  ["get", "/api/loops/{loop}/experiments/{id}", ["read"]],
  ["get", "/api/experiments/{id}", ["read"]],
  ["post", "/api/experiments/{id}/approve", ["operate"]],
  ["post", "/api/experiments/{id}/reject", ["operate"]],
  ["post", "/api/experiments/{id}/stop", ["operate"]],
  ["post", "/api/experiments/{id}/extend", ["operate"]],
  ["post", "/api/experiments/{id}/pause", ["operate"]],
  ["post", "/api/experiments/{id}/resume", ["operate"]],
  ["get", "/api/experiments/{id}/recount", ["read"]],
  ["post", "/api/experiments/{id}/recount", ["operate"]],
  ["get", "/api/loops/{loop}/snapshots", ["read"]],
  ["get", "/api/loops/{loop}/snapshots/{id}", ["read"]],
  ["get", "/api/snapshots/{id}", ["read"]],
  ["get", "/api/snapshots/{id}/files/{name}", ["read"]],
  ["get", "/api/snapshots/{id}/diff/{other}", ["read"]],
  ["get", "/api/snapshots/{id}/export", ["read"]],
  ["post", "/api/snapshots/{id}/rebuild", ["operate"]],
  ["put", "/api/loops/{loop}/rehearsal", ["operate"]],
  ["get", "/api/keys", ["admin"]],
  ["post", "/api/keys", ["admin"]],
  ["delete", "/api/keys/{id}", ["admin"]],
];
const OPEN = ["/healthz", "/readyz", "/metrics"];

before(async () => {
  world = await openApiWorld();
  await world.loop({ name: "demo" });
  await world.loop({ name: "other" });
  const started = await world.ask("POST", "/api/loops/demo/cycles", { body: { reason: "a test" } });
  cycleId = started.json.id;
});
after(() => world.close());

/** A path of demo's. A body that says nothing: who may is decided before what is said. */
function concrete(path: string): string {
  const values: Record<string, string> = {
    loop: "demo",
    id: cycleId,
    model: "sandbox-base",
    name: "train.jsonl",
    other: cycleId,
    sequence: "1",
  };
  const query = path.endsWith("/export") && path.includes("{id}") ? "?format=trl-sft" : "";
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!) + query;
}

test("the OpenAPI document lists exactly these routes, with these scopes", () => {
  const documented = Object.entries(world.openapi().paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      `${method} ${path} ${(operation["x-ratchet-scopes"] ?? []).join(" ")}`.trim(),
    ),
  );
  const expected = [
    ...ROUTES.map(([method, path, scopes]) => `${method} ${path} ${scopes.join(" ")}`),
    ...OPEN.map((path) => `get ${path}`),
  ];
  assert.deepEqual(documented.sort(), expected.sort());
});

test("every route refuses a request without a key, and says how to send one", async () => {
  for (const [method, path] of ROUTES) {
    const answer = await world.ask(method.toUpperCase(), concrete(path), { key: null });
    assert.equal(answer.status, 401, `${method} ${path}`);
    assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/);
    assert.equal(
      path.startsWith("/v1") ? answer.json.error.code : answer.json.code,
      path.startsWith("/v1") ? "invalid_api_key" : "unauthenticated",
    );
  }
});

test("every route refuses each scope that is not enough, and takes each that is", async () => {
  const keys = new Map<Scope, string>();
  for (const scope of SCOPES) keys.set(scope, await world.key([scope]));
  for (const [method, path, needed] of ROUTES) {
    const enough = new Set(needed.flatMap((scope) => IMPLIED_BY[scope]));
    for (const scope of SCOPES) {
      // The guard comes before the body is looked at; this one is never valid, so that nothing changes.
      const body = method === "get" ? {} : { body: { nothing: true } };
      const { status } = await world.ask(method.toUpperCase(), concrete(path), { key: keys.get(scope)!, ...body });
      if (enough.has(scope)) assert.notEqual(status, 403, `${scope} on ${method} ${path}`);
      else assert.equal(status, 403, `${scope} on ${method} ${path}`);
    }
  }
});

test("to a key of another loop, what belongs to this one does not exist", async () => {
  const key = await world.key(["admin"], "other");
  const about = ROUTES.filter(([, path]) => path.includes("{loop}") || path.includes("{id}"));
  for (const [method, path] of about) {
    const answer = await world.ask(method.toUpperCase(), concrete(path), {
      key,
      ...(method === "get" ? {} : { body: bodyFor(path) }),
    });
    assert.equal(answer.status, 404, `${method} ${path}: ${answer.text}`);
  }
  const byQuery = ROUTES.filter(([, path]) => /^\/api\/(interactions|feedback|admin)/.test(path));
  for (const [method, path] of byQuery) {
    const { status } = await world.ask(method.toUpperCase(), `${path}?loop=demo`, {
      key,
      ...(method === "get" ? {} : { body: {} }),
    });
    assert.equal(status, 404, `${method} ${path}`);
  }
  const chat = await world.ask("POST", "/v1/chat/completions", {
    key,
    body: { model: "demo", messages: [{ role: "user", content: "hi" }] },
  });
  assert.equal(chat.status, 404);
  assert.equal(chat.json.error.code, "model_not_found");
});

function bodyFor(path: string): Record<string, unknown> {
  if (path.endsWith("/extend")) return { reason: "a test", by: "2 days" };
  if (path.endsWith("/experiments")) return { reason: "a test", model: "sandbox-base" };
  if (path.endsWith("/gold")) return { reason: "a test", cases: [] };
  return path === "/api/loops/{loop}" ? { name: "demo" } : { reason: "a test" };
}

test("a key of one loop sees that loop alone in every list", async () => {
  const key = await world.key(["admin"], "other");
  const loops = await world.ask("GET", "/api/loops", { key });
  assert.deepEqual(
    loops.json.data.map((loop: { name: string }) => loop.name),
    ["other"],
  );
  const models = await world.ask("GET", "/v1/models", { key });
  assert.deepEqual(
    models.json.data.map((model: { id: string }) => model.id),
    ["other"],
  );
  const keys = await world.ask("GET", "/api/keys", { key });
  assert.deepEqual([...new Set(keys.json.data.map((one: { loop: string }) => one.loop))], ["other"]);
});

test("what is no key, an unknown key, a wrong secret and an expired key are all refused", async () => {
  const { id, text, secretHash } = makeKey();
  const soon = new Date(world.now + 60_000);
  const at = new Date(world.now);
  await world.database.db.acrossLoops((tx) =>
    addKey(tx, { id, loop: null, name: "brief", scopes: ["read"], secretHash, createdBy: "test", expiresAt: soon, at }),
  );
  assert.equal((await world.ask("GET", "/api/loops", { key: text })).status, 200);
  const wrong = `${text.slice(0, -4)}${text.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
  for (const key of ["nonsense", makeKey().text, wrong])
    assert.equal((await world.ask("GET", "/api/loops", { key })).status, 401, key);
  world.now += 61_000;
  const late = await world.ask("GET", "/api/loops", { key: text });
  assert.equal(late.status, 401);
  assert.match(late.json.detail, /expired/);
});

test("a key made over HTTP works, is shown once, and stops when it is revoked", async () => {
  const made = await world.ask("POST", "/api/keys", {
    body: { name: "shop", scopes: ["read"], loop: "demo", expires_in: "30 days", reason: "a test" },
  });
  assert.equal(made.status, 201);
  assert.match(made.json.key, /^rk_[a-z0-9]+_[\w-]{43}$/);
  assert.equal(Date.parse(made.json.expires_at) - world.now, 30 * 86_400_000);
  assert.equal((await world.ask("GET", "/api/loops/demo", { key: made.json.key })).status, 200);
  const listed = await world.ask("GET", "/api/keys");
  assert.ok(
    listed.json.data.some(
      (key: { id: string; last_used_at: string | null }) => key.id === made.json.id && key.last_used_at !== null,
    ),
  );
  assert.ok(!listed.text.includes(made.json.key.split("_").slice(2).join("_")));
  assert.equal((await world.ask("DELETE", `/api/keys/${made.json.id}`, { body: { reason: "left" } })).status, 200);
  const refused = await world.ask("GET", "/api/loops/demo", { key: made.json.key });
  assert.equal(refused.status, 401);
  assert.match(refused.json.detail, /revoked/);
  assert.equal((await world.ask("DELETE", `/api/keys/${made.json.id}`, { body: { reason: "left" } })).status, 409);
  const chain = await world.ask("GET", "/api/loops/demo/audit?limit=2");
  assert.deepEqual(
    chain.json.data.map((entry: { action: string }) => entry.action),
    ["key.revoke", "key.create"],
  );
});

test("a key that another server revoked is trusted for two seconds at most", async () => {
  const key = await world.key(["read"]);
  assert.equal((await world.ask("GET", "/api/loops", { key })).status, 200);
  await world.database.query("update api_key set revoked_at = now() where id = $1", [key.split("_")[1]]);
  world.now += 2_000;
  assert.equal((await world.ask("GET", "/api/loops", { key })).status, 401);
});

test("a key of one loop makes keys of that loop and no wider ones", async () => {
  const key = await world.key(["admin"], "other");
  const made = await world.ask("POST", "/api/keys", { key, body: { name: "x", scopes: ["read"], loop: null } });
  assert.equal(made.json.loop, "other");
  assert.equal(
    (await world.ask("POST", "/api/keys", { key, body: { name: "x", scopes: ["read"], loop: "demo" } })).status,
    404,
  );
});

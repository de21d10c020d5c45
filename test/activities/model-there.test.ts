import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { MockActivityEnvironment } from "@temporalio/testing";
import { whyGone } from "../../src/activities/model-there.ts";
import { createProviders, type Providers } from "../../src/providers/providers.ts";
import { type Opened, openSandbox } from "../sandbox/open-sandbox.ts";

let opened: Opened;
let providers: Providers;
before(async () => {
  opened = await openSandbox();
  providers = createProviders({
    "openai-wire": { baseURL: null, apiKey: null },
    sandbox: { baseURL: opened.sandbox.baseURL },
  });
});
after(() => opened.sandbox.close());
afterEach(() => opened.calm());

const ask = (model: string): Promise<string | null> =>
  new MockActivityEnvironment().run(() => whyGone(providers, { provider: "sandbox", baseURL: null, model }, 1));
const asked = async (route: string) => (await opened.stats()).requests[route] ?? 0;

test("a model that is there is asked for once", async () => {
  const before = await asked("models.get");
  assert.equal(await ask("sandbox-base"), null);
  assert.equal((await asked("models.get")) - before, 1);
});

test("a model that is neither there nor listed is gone, after three times", async () => {
  const before = await asked("models.get");
  assert.equal(await ask("ft:never-made"), "404 model_not_found");
  assert.equal((await asked("models.get")) - before, 3);
});

test("one that is missed twice and then there is not gone", async () => {
  await opened.fault({ kind: "model-gone", model: "sandbox-base", route: "models.get", times: 2 });
  assert.equal(await ask("sandbox-base"), null);
});

test("a provider that does not know the route, but lists the model, is not believed", async () => {
  await opened.fault({ kind: "model-gone", model: "sandbox-base", route: "models.get" });
  assert.equal(await ask("sandbox-base"), null);
});

test("nor is one that lists others, when the model still answers", async () => {
  await opened.fault({ kind: "model-gone", model: "sandbox-base", route: "models" });
  const before = await asked("chat");
  assert.equal(await ask("sandbox-base"), null);
  assert.equal((await asked("chat")) - before, 1);
});

test("nor is one whose model cannot be asked just now", async () => {
  await opened.fault({ kind: "model-gone", model: "sandbox-base", route: "models" });
  await opened.fault({ kind: "503", route: "chat" });
  assert.equal(await ask("sandbox-base"), null);
});

for (const kind of ["500", "503", "401", "403", "429", "reset"] as const)
  test(`a provider that answers ${kind} says nothing about its model`, async () => {
    await opened.fault({ kind, route: "models" });
    assert.equal(await ask("ft:never-made"), null);
  });

test("nor does one whose list cannot be had", async () => {
  await opened.fault({ kind: "500", route: "models.list" });
  assert.equal(await ask("ft:never-made"), null);
});

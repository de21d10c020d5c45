import assert from "node:assert/strict";
import { test } from "node:test";
import { createProviders } from "../../src/providers/providers.ts";
import { faultLike } from "../store/loop-fixture.ts";

const URL_OF_SANDBOX = "http://127.0.0.1:1/v1";
const providers = (
  apiKey: string | null = "key",
  baseURL: string | null = null,
  sandbox: string | null = URL_OF_SANDBOX,
) => createProviders({ "openai-wire": { baseURL, apiKey }, sandbox: { baseURL: sandbox } });

test("one client per address, which does not ask again by itself", () => {
  const made = providers();
  const address = { provider: "sandbox", baseURL: null } as const;
  const client = made.client(address);
  assert.equal(made.client({ ...address }), client);
  assert.deepEqual([client.baseURL, client.maxRetries], [URL_OF_SANDBOX, 0]);
  assert.notEqual(made.client({ provider: "sandbox", baseURL: "http://127.0.0.1:2/v1" }), client);
  assert.notEqual(made.client({ provider: "openai-wire", baseURL: null }), client);
});

test("a loop's own address goes before the environment's, and that before OpenAI's", () => {
  const wire = (own: string | null, environment: string | null) =>
    providers("key", environment).client({ provider: "openai-wire", baseURL: own }).baseURL;
  assert.equal(wire("http://own/v1", "http://environment/v1"), "http://own/v1");
  assert.equal(wire(null, "http://environment/v1"), "http://environment/v1");
  assert.equal(wire(null, null), "https://api.openai.com/v1");
});

test("a provider that is not configured is a fault that names the variable", () => {
  assert.throws(
    () => providers(null).client({ provider: "openai-wire", baseURL: null }),
    (error: { hint?: string }) => {
      assert.ok(faultLike("unavailable", /openai-wire has no key/)(error));
      return /OPENAI_API_KEY/.test(error.hint ?? "");
    },
  );
  assert.throws(
    () => providers("key", null, null).client({ provider: "sandbox", baseURL: null }),
    (error: { hint?: string }) => {
      assert.ok(faultLike("unavailable", /sandbox model server is not running/)(error));
      return /RATCHET_SANDBOX_URL/.test(error.hint ?? "");
    },
  );
});

test("the key of one provider is never sent to the sandbox", () => {
  assert.equal(providers("a real key").client({ provider: "sandbox", baseURL: null }).apiKey, "sandbox");
});

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { APIError } from "openai";
import { isProviderError, readProviderError } from "../../src/providers/provider-error.ts";
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import { type Opened, openSandbox } from "../sandbox/open-sandbox.ts";

let opened: Opened;
before(async () => {
  opened = await openSandbox();
});
after(() => opened.sandbox.close());
afterEach(() => opened.calm());

const TEXT = "a secret of a person";
const request = { model: "sandbox-base", messages: [{ role: "user" as const, content: TEXT }] };
/** What a real client makes of a real server's fault. */
async function errorBy(fault: FaultInput, options: { timeout?: number; signal?: AbortSignal } = {}): Promise<unknown> {
  await opened.fault(fault);
  return opened.client.chat.completions.create(request, options).then(
    () => assert.fail("it went well"),
    (error: unknown) => error,
  );
}

test("a rate limit is waited for as long as it says, an hour included", async () => {
  for (const seconds of [0, 1, 59, 61, 3600]) {
    const found = readProviderError(
      await errorBy({ kind: "429", route: "chat", retryAfterSeconds: seconds, times: 1 }),
    );
    assert.deepEqual(found, { kind: "wait", afterMs: seconds * 1000, message: "429 rate_limit_exceeded" });
  }
});

test("a used-up quota is final: waiting does not fill it", async () => {
  const found = readProviderError(await errorBy({ kind: "429-quota", route: "chat" }));
  assert.deepEqual(found, {
    kind: "final",
    status: 429,
    code: "insufficient_quota",
    message: "429 insufficient_quota",
  });
});

test("refusals are final, and carry their status", async () => {
  for (const kind of ["400", "401", "403"] as const) {
    const found = readProviderError(await errorBy({ kind, route: "chat", times: 1 }));
    assert.ok(found.kind === "final" && found.status === Number(kind), kind);
  }
  const asked = opened.client.chat.completions.create({ ...request, model: "ft:gone" });
  const gone = readProviderError(
    await asked.then(
      () => assert.fail("it went well"),
      (error: unknown) => error,
    ),
  );
  assert.ok(gone.kind === "final" && gone.status === 404);
});

test("a server's error, a reset and a time-out may have happened: nobody knows", async () => {
  for (const fault of [{ kind: "500" }, { kind: "reset" }, { kind: "accept-then-reset" }] as const)
    assert.equal(readProviderError(await errorBy({ ...fault, route: "chat", times: 1 })).kind, "ambiguous", fault.kind);
  const late = readProviderError(await errorBy({ kind: "hang", route: "chat", times: 1 }, { timeout: 50 }));
  assert.equal(late.kind, "ambiguous");
  const given = readProviderError(
    await errorBy({ kind: "hang", route: "chat", times: 1 }, { signal: AbortSignal.timeout(50) }),
  );
  assert.equal(given.kind, "ambiguous");
});

test("unavailable is waited for, with or without a time", async () => {
  assert.equal(readProviderError(await errorBy({ kind: "503", route: "chat", times: 1 })).kind, "wait");
});

test("no message carries what a person wrote", async () => {
  for (const kind of ["400", "401", "403", "429", "429-quota", "500", "503", "reset"] as const) {
    const { message } = readProviderError(await errorBy({ kind, route: "chat", times: 1 }));
    assert.doesNotMatch(message, /secret|sandbox fault/, kind);
  }
});

const made = (status: number, headers: Record<string, string>, code?: unknown) =>
  new APIError(status, { message: TEXT, code }, TEXT, new Headers(headers));

test("Retry-After may be seconds, parts of one, or a date; anything else says nothing", () => {
  const after = (value: string) => {
    const found = readProviderError(made(429, { "retry-after": value }));
    return found.kind === "wait" ? found.afterMs : assert.fail();
  };
  assert.deepEqual(
    [after("1.5"), after("-3"), after("soon"), after("Thu, 01 Jan 1970 00:00:00 GMT")],
    [1500, 0, null, 0],
  );
  const inAnHour = after(new Date(Date.now() + 3_600_000).toUTCString())!;
  assert.ok(inAnHour > 3_590_000 && inAnHour <= 3_600_000);
});

test("a conflict and a time-out of the server are unsure, and a code that is no text is none", () => {
  for (const status of [408, 409, 502, 504, 599]) assert.equal(readProviderError(made(status, {})).kind, "ambiguous");
  const found = readProviderError(made(422, {}, 7));
  assert.deepEqual(found, { kind: "final", status: 422, code: null, message: "422" });
});

test("what is no provider's error is unsure too, and is told apart", async () => {
  for (const error of [new Error("x"), "x", null, undefined, 7]) {
    assert.equal(readProviderError(error).kind, "ambiguous");
    assert.equal(isProviderError(error), false);
  }
  assert.equal(isProviderError(await errorBy({ kind: "500", route: "chat", times: 1 })), true);
});

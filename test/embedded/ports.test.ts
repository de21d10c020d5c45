import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { addressOf, choosePorts } from "../../src/embedded/ports.ts";

test("port 0 takes a free port of its own for each that runs", async () => {
  const ports = await choosePorts(0, { temporal: true, sandbox: true });
  const { api, temporal, temporalUi, sandbox } = ports;
  assert.ok([api, temporal, temporalUi, sandbox].every((port) => port > 0));
  assert.equal(new Set([api, temporal, temporalUi, sandbox]).size, 4);
  assert.equal(ports.postgres, 0, "PostgreSQL takes its own when it starts");
});

test("a taken port is named with who wants it and what to do", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  try {
    await assert.rejects(
      choosePorts(port, { temporal: false, sandbox: false }),
      (error) =>
        error instanceof Fault &&
        error.code === "conflict" &&
        error.message.includes(`port ${port} on 127.0.0.1, wanted by the API,`) &&
        /--port or RATCHET_PORT.*--port 0/.test(error.hint ?? ""),
    );
  } finally {
    holder.close();
  }
});

test("an API that listens everywhere is reached on this machine's own address", () => {
  assert.equal(addressOf("0.0.0.0", 4400), "http://127.0.0.1:4400");
  assert.equal(addressOf("::", 4400), "http://127.0.0.1:4400");
  assert.equal(addressOf("::1", 4400), "http://[::1]:4400");
  assert.equal(addressOf("10.0.0.7", 4400), "http://10.0.0.7:4400");
});

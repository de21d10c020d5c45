// The line that parts processes: what passes, what does not, and what is lost.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { type Line, openLine } from "./line.ts";

const echo = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
});
let line: Line;

before(async () => {
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  line = await openLine((echo.address() as AddressInfo).port);
});
after(async () => {
  await line.close();
  echo.close();
});

async function call(): Promise<Socket> {
  const socket = connect(line.port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

test("what goes in comes out at the other end", async () => {
  const socket = await call();
  socket.write("hello");
  assert.equal(String((await once(socket, "data"))[0]), "hello");
  socket.destroy();
});

test("a cut line says nothing, and its connections are reset when it is healed; then new ones pass", async () => {
  const old = await call();
  old.write("before");
  await once(old, "data");
  line.cut();
  old.write("lost");
  const waiting = await call();
  waiting.write("lost, too");
  for (const socket of [old, waiting]) socket.on("data", () => assert.fail("something passed a cut line"));
  const errors = Promise.all([old, waiting].map((socket) => once(socket, "error")));
  line.heal();
  for (const [error] of await errors) assert.match((error as NodeJS.ErrnoException).code ?? "", /ECONNRESET|EPIPE/);

  const fresh = await call();
  fresh.write("again");
  assert.equal(String((await once(fresh, "data"))[0]), "again");
  fresh.destroy();
});

test("the target may be told, while who called it hears nothing", async () => {
  const connection = once(echo, "connection");
  const caller = await call();
  const [answering] = (await connection) as [Socket];
  caller.on("close", () => assert.fail("the caller was told"));
  const ended = once(answering, "close");
  line.cut({ targetKnows: true });
  await ended;
  assert.equal(caller.destroyed, false);
  caller.removeAllListeners("close");
  const reset = once(caller, "error");
  line.heal();
  await reset;
});

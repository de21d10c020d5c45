// A line between two processes that can be cut and healed: how a test parts a worker from its servers without killing anyone.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Line {
  /** Where the one side connects, on 127.0.0.1. */
  readonly port: number;
  /**
   * From now on nothing passes, and nobody is told: as when a cable is pulled. New connections are taken and get no answer.
   * `targetKnows`: the target sees its connections end, so that it waits for nobody on them.
   */
  cut(how?: { targetKnows: boolean }): void;
  /** What was under way on a cut line is lost, its connections are reset; new ones pass. */
  heal(): void;
  close(): Promise<void>;
}

/** Opens a line to a port of 127.0.0.1. The target need not be there yet: who connects too early is reset. */
export async function openLine(target: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const far = new WeakSet<Socket>(); // those of them that lead to the target
  let isCut = false;

  const join = (from: Socket, to: Socket) => {
    from.on("data", (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on("drain", () => {
      if (!isCut) from.resume();
    });
    from.on("end", () => {
      if (!isCut) to.end();
    });
    from.on("close", () => {
      sockets.delete(from);
      if (!isCut) to.destroy();
    });
    from.on("error", () => from.destroy());
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    sockets.add(near);
    if (isCut) {
      near.on("error", () => near.destroy());
      near.on("close", () => sockets.delete(near));
      near.pause();
      return;
    }
    const onward = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    far.add(onward);
    sockets.add(onward);
    join(near, onward);
    join(onward, near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  const drop = () => {
    // One that is being ended cannot be reset any more, and would stay open for ever.
    for (const socket of sockets) {
      if (socket.writableEnded || socket.writableLength > 0) socket.destroy();
      else socket.resetAndDestroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut({ targetKnows } = { targetKnows: false }) {
      isCut = true;
      for (const socket of sockets) {
        socket.pause();
        if (targetKnows && far.has(socket)) socket.destroy();
      }
    },
    heal() {
      drop();
      isCut = false;
    },
    async close() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

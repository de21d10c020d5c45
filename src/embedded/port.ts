// Ports of this machine: find a free one, or say plainly that the wanted one is taken.
import { connect, createServer } from "node:net";
import { Fault } from "../domain/fault.ts";

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  return bindOnce(0);
}

/**
 * The wanted port if it is free, any free one for 0.
 * @param owner who wants it, for the message
 * @throws Fault `conflict` that names the port
 */
export async function claimPort(port: number, owner: string): Promise<number> {
  try {
    return await bindOnce(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE") throw portTaken(port, owner);
    if (code === "EACCES") {
      throw new Fault("forbidden", `${owner} may not listen on port ${port}`, { hint: "choose a port above 1023" });
    }
    throw error;
  }
}

/** The one message for a taken port. */
export function portTaken(port: number, owner: string): Fault {
  return new Fault("conflict", `port ${port} on 127.0.0.1, wanted by ${owner}, is taken by another program`, {
    hint: "stop that program, choose another port, or use --port 0 for any free ones",
    details: { port },
  });
}

function bindOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      const bound = address !== null && typeof address === "object" ? address.port : port;
      if (port !== 0) {
        server.close(() => resolve(bound));
        return;
      }
      // A connection that the server ended first keeps the number from being given to the next one who asks for any
      // free port, for about a minute; whoever names it may still have it.
      server.once("connection", (socket) => {
        socket.end();
        server.close(() => resolve(bound));
      });
      connect(bound, "127.0.0.1").resume().once("error", reject);
    });
  });
}

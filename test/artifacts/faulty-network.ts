// A network between a client and a server that goes wrong on demand.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to a request; undefined: it goes through. */
export type Mishap =
  | { kind: "refuse"; status: number; code: string }
  /** Never answers. */
  | { kind: "hang" }
  /** The connection breaks before the server has heard of the request. */
  | { kind: "drop" }
  /** The request arrives, and its answer is lost. */
  | { kind: "lose" }
  /** The answer's body breaks off, or stops coming, after so many bytes. */
  | { kind: "cut" | "stall"; after: number }
  /** The answer claims to be whole, and is shorter. */
  | { kind: "shorten"; to: number }
  /** A byte of the answer is another one. */
  | { kind: "spoil"; at: number };

export interface FaultyNetwork {
  readonly endpoint: string;
  /** Asked about every request, with how many like it (method and path) came before. */
  mishap: (asked: { method: string; url: string; before: number }) => Mishap | undefined;
  /** Requests, as "PUT /bucket/key". */
  readonly seen: string[];
  close(): Promise<void>;
}

export async function startFaultyNetwork(port: number): Promise<FaultyNetwork> {
  const seen: string[] = [];
  const server: Server = createServer((asked, answer) => {
    const method = asked.method!;
    const url = asked.url!;
    const name = `${method} ${url}`;
    const before = seen.filter((one) => one === name).length;
    seen.push(name);
    handle(asked, answer, port, network.mishap({ method, url, before }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const network: FaultyNetwork = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mishap: () => undefined,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return network;
}

function handle(asked: IncomingMessage, answer: ServerResponse, port: number, mishap: Mishap | undefined): void {
  if (mishap?.kind === "drop") return void asked.socket.destroy();
  if (mishap?.kind === "hang") return void asked.resume();
  if (mishap?.kind === "refuse") {
    asked.resume().once("end", () => {
      answer.writeHead(mishap.status, { "content-type": "application/xml" });
      answer.end(`<?xml version="1.0"?><Error><Code>${mishap.code}</Code><Message>said by a test</Message></Error>`);
    });
    return;
  }
  const { method, url, headers } = asked;
  const through = request({ host: "127.0.0.1", port, method, path: url, headers }, (got) => {
    if (mishap?.kind === "lose") {
      got.resume().once("end", () => asked.socket.destroy());
      return;
    }
    const length = mishap?.kind === "shorten" ? { "content-length": String(mishap.to) } : {};
    answer.writeHead(got.statusCode!, { ...got.headers, ...length });
    let sent = 0;
    got.on("data", (part: Buffer) => {
      const from = sent;
      sent += part.length;
      if (mishap === undefined) return void answer.write(part);
      if (mishap.kind === "spoil") {
        if (mishap.at >= from && mishap.at < sent) part[mishap.at - from]! ^= 1;
        return void answer.write(part);
      }
      const most = mishap.kind === "shorten" ? mishap.to : mishap.after;
      const rest = part.subarray(0, Math.max(0, most - from));
      if (rest.length > 0) answer.write(rest);
      if (sent >= most && mishap.kind === "cut") setImmediate(() => asked.socket.destroy());
    });
    got.on("end", () => {
      if (mishap?.kind !== "stall" && mishap?.kind !== "cut") answer.end();
    });
  });
  through.on("error", () => asked.socket.destroy());
  asked.on("close", () => {
    if (!asked.complete) through.destroy();
  });
  asked.pipe(through);
}

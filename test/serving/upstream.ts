// A provider over HTTP that answers as a test says and keeps what it was sent: to see what really leaves the house.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createProviders, type Providers } from "../../src/providers/providers.ts";

export interface Upstream {
  readonly baseURL: string;
  readonly providers: Providers;
  /** Bodies as they came, the oldest first. */
  readonly received: Record<string, unknown>[];
  /** What the next requests are answered with; a completion that says "fine" until it is set. */
  answer: { status: number; body: unknown; headers?: Record<string, string> };
  close(): Promise<void>;
}

export const COMPLETION = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "really-this-one",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "fine" } }],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
};

/** Listens on a free port of 127.0.0.1. */
export async function openUpstream(): Promise<Upstream> {
  const received: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}"));
      const { status, body, headers } = upstream.answer;
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const upstream: Upstream = {
    baseURL,
    providers: createProviders({ "openai-wire": { baseURL, apiKey: "secret-key" }, sandbox: { baseURL } }),
    received,
    answer: { status: 200, body: COMPLETION },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return upstream;
}

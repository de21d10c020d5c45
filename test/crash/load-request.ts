// Sends one request and tells what came of it, whatever that was: nothing here throws.
import { Agent, type IncomingMessage, request } from "node:http";
import { performance } from "node:perf_hooks";

export interface Outgoing {
  path: string;
  key: string;
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** What came of one request to one server. */
export interface Attempt {
  /** As "http://127.0.0.1:4400". */
  readonly server: string;
  /** Milliseconds on performance.now()'s clock. */
  readonly sentAt: number;
  readonly endedAt: number;
  /** The answer's status, or null: the connection broke, or nobody answered in time. */
  readonly status: number | null;
  /** Without a status: the connection's error, as "ECONNREFUSED". */
  readonly error: string | null;
  readonly headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: answers of several routes
  readonly body: any;
}

const PATIENCE_MS = 30_000;

/** A caller of its own, with its own connections, which it keeps. Close it in the end. */
export function openCaller() {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });

  const send = (server: string, { path, key, body, headers = {} }: Outgoing): Promise<Attempt> =>
    new Promise((resolve) => {
      const sentAt = performance.now();
      const text = JSON.stringify(body);
      const end = (end: Pick<Attempt, "status" | "error" | "headers" | "body">) =>
        resolve({ server, sentAt, endedAt: performance.now(), ...end });
      const fail = (error: NodeJS.ErrnoException) =>
        end({ status: null, error: error.code ?? error.message, headers: {}, body: null });
      const outgoing = request(
        `${server}${path}`,
        {
          method: "POST",
          agent,
          timeout: PATIENCE_MS,
          headers: {
            authorization: `Bearer ${key}`,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(text),
            ...headers,
          },
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("error", fail);
          answer.on("end", () =>
            end({ status: answer.statusCode!, error: null, headers: answer.headers, body: parsed(parts) }),
          );
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })));
      outgoing.on("error", fail);
      outgoing.end(text);
    });

  return { send, close: () => agent.destroy() };
}

export type Caller = ReturnType<typeof openCaller>;

function parsed(parts: readonly Buffer[]): unknown {
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    return null;
  }
}

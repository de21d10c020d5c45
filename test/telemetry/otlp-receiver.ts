// A collector for tests: takes OTLP over HTTP, as JSON, and keeps the spans.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** "" for a root. */
  parentSpanId: string;
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  /** 0 unset, 1 ok, 2 error. */
  status: number;
  attributes: Record<string, unknown>;
  /** Of the process that sent it. */
  service: string;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Everything that came, as text: to see what is not in it. */
  readonly bodies: string[];
  /** Headers of the last request. */
  headers: Record<string, unknown>;
  close(): Promise<void>;
}

type Value = Record<string, unknown> & { arrayValue?: { values: Value[] } };
interface KeyValue {
  key: string;
  value: Value;
}
interface ExportRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: {
      spans: (Omit<ReceivedSpan, "attributes" | "status" | "service" | "parentSpanId"> & {
        parentSpanId?: string;
        attributes: KeyValue[];
        status: { code?: number };
      })[];
    }[];
  }[];
}

export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const receiver: Pick<OtlpReceiver, "spans" | "bodies" | "headers"> = { spans: [], bodies: [], headers: {} };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString("utf8");
    receiver.headers = request.headers;
    receiver.bodies.push(text);
    if (request.headers["content-type"] === "application/json")
      receiver.spans.push(...spansOf(JSON.parse(text) as ExportRequest));
    response.writeHead(request.url === "/v1/traces" ? 200 : 404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function spansOf({ resourceSpans }: ExportRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = "", name, kind, status, attributes }) => ({
        traceId,
        spanId,
        parentSpanId,
        name,
        kind,
        status: status.code ?? 0,
        attributes: plain(attributes),
        service: String(plain(resource.attributes)["service.name"]),
      })),
    ),
  );
}

const plain = (pairs: KeyValue[]) => Object.fromEntries(pairs.map(({ key, value }) => [key, readValue(value)]));

function readValue(value: Value): unknown {
  return value.arrayValue === undefined ? Object.values(value)[0] : value.arrayValue.values.map(readValue);
}

// Traces: one from a request, through the workflows that it starts, to their activities; sent by OTLP over HTTP.
// OpenTelemetry's own registry is global, as its libraries and Temporal's interceptors expect. Nothing is registered unless
// a collector is named, and then every call below costs next to nothing.
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { setGlobalErrorHandler, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { envDetectorSync, type IResource, Resource } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace-base";

/** How spans are sent; where to, with which headers and how many of them, the SDK reads from its own variables. */
export interface TracingSettings {
  protocol: "http/protobuf" | "http/json";
}

export interface Tracing {
  resource: IResource;
  processor: SpanProcessor;
  /** Sends what is left. */
  stop(): Promise<void>;
}

const QUIET_MS = 60_000;
const LAST_SENDING_MS = 5_000;

/** Begins to trace this process; null settings: it does not. Once in a process. */
export function startTracing(
  settings: TracingSettings | null,
  who: {
    process: "server" | "worker";
    version: string;
    /** Hears why spans were not sent, once a minute at most. */
    onLoss: (why: string) => void;
  },
): Tracing | null {
  if (settings === null) return null;
  const usual = new Resource({ "service.name": `ratchet-${who.process}`, "service.version": who.version });
  const resource = Resource.default().merge(usual).merge(envDetectorSync.detect());
  const exporter = settings.protocol === "http/json" ? new JsonExporter() : new ProtobufExporter();
  const processor = new BatchSpanProcessor(exporter);
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  // No baggage: what callers put there would travel into the workflows' histories.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  setGlobalErrorHandler(sayingOnceAMinute(who.onLoss));
  return {
    resource,
    processor,
    stop: () => within(LAST_SENDING_MS, provider.shutdown()),
  };
}

function sayingOnceAMinute(say: (why: string) => void): (error: unknown) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() - saidAt < QUIET_MS) return;
    saidAt = performance.now();
    say(error instanceof Error ? error.message : String(error));
  };
}

/** A collector that does not answer must not hold up a stop. */
async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}

// A piece of work as a span: its kind, its attributes, and how it ended. Attributes are ids, hashes, names and numbers.
import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";

export interface SpanOf {
  name: string;
  kind?: "server" | "client" | "internal";
  attributes?: Attributes;
  /** Where it belongs; what is under way now unless told. */
  parent?: Context;
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

/**
 * Does `work` inside a span. When it throws, the span says so by `error.type` alone: an error's words may quote a person.
 * `typeOf` names the class of an error.
 */
export async function inSpan<T>(
  { name, kind = "internal", attributes = {}, parent = context.active() }: SpanOf,
  work: (span: Span) => Promise<T>,
  typeOf: (error: unknown) => string = nameOf,
): Promise<T> {
  return trace
    .getTracer("ratchet")
    .startActiveSpan(name, { kind: KINDS[kind], attributes }, parent, async (span: Span) => {
      try {
        return await work(span);
      } catch (error) {
        failed(span, typeOf(error));
        throw error;
      } finally {
        span.end();
      }
    });
}

/** Where a request belongs: the trace that its headers name (W3C Trace Context), else one of its own. */
export function calledFrom(header: (name: string) => string | undefined): Context {
  return propagation.extract(context.active(), header, {
    get: (read, name) => read(name),
    keys: () => [],
  });
}

/** Does `work`, and whatever is traced in it is not. */
export function untraced<T>(work: () => Promise<T>): Promise<T> {
  return context.with(suppressTracing(context.active()), work);
}

/** Marks a span as failed by a class of errors. */
export function failed(span: Span, type: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : error.name;
}

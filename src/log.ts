// The logger: structured events with stable names, ids and no text.
// Levels are a contract: error: a person must act; warn: it healed itself, or will; info: the story.
import { isSpanContextValid, trace } from "@opentelemetry/api";
import { pino } from "pino";
import type { LogEntry } from "./telemetry/log-events.ts";

/** Takes the events of telemetry/log-events.ts and no others; `message` is for people. */
export interface Log {
  info(entry: LogEntry<"info">, message?: string): void;
  warn(entry: LogEntry<"warn">, message?: string): void;
  error(entry: LogEntry<"error">, message?: string): void;
}

/** A logger for one process; `process` names it in every line. A line written inside a span names the span. */
export function createLog(process: "server" | "worker", level: string, to?: { write(line: string): void }): Log {
  const options: Parameters<typeof pino>[0] = {
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: spanNow,
  };
  return to === undefined ? pino(options) : pino(options, to);
}

function spanNow(): Record<string, string> {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined || !isSpanContextValid(span) ? {} : { trace_id: span.traceId, span_id: span.spanId };
}

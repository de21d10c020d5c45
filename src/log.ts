// The logger: structured events with stable names, ids and no text.
// Levels are a contract: error: a person must act; warn: it healed itself, or will; info: the story; debug: the rest.
import { type Logger, pino } from "pino";

export type Log = Pick<Logger, "info" | "warn" | "error" | "debug">;

/** A logger for one process; `process` names it in every line. */
export function createLog(process: "server" | "worker" | "start" | "demo", level: string): Logger {
  return pino({
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

// Errors as people and programs see them: what was wrong and what to do, and the exit code; never a stack.
import { CommanderError } from "commander";
import { Fault } from "../../domain/fault.ts";
import { plain } from "./plain.ts";

/** A command that has said all there is to say, and yet did not succeed. */
export class Unsuccessful extends Error {}

/** 0 done, 1 failed, 2 wrong usage, 3 not found. */
export function exitCodeOf(error: unknown): 0 | 1 | 2 | 3 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof Fault)) return 1;
  if (error.code === "invalid") return 2;
  return error.code === "not_found" ? 3 : 1;
}

/** The text for standard error; with `json` one document. Empty when all was said. */
export function explain(error: unknown, { json }: { json: boolean }): string {
  if (error instanceof Unsuccessful) return "";
  if (!json && error instanceof CommanderError && error.code === "commander.help") return ""; // the help itself was shown
  const { code, message, hint, faults } = describe(error);
  if (json) return `${JSON.stringify({ error: { code, message, hint } })}\n`;
  const listed =
    faults.length < 2
      ? [message]
      : [`${message.slice(0, message.indexOf(faults[0]!)).trimEnd()}`, ...faults.map((fault) => `  - ${fault}`)];
  return [...listed, ...(hint === null ? [] : [`→ ${hint}`])].map((line) => `${plain(line)}\n`).join("");
}

interface Description {
  code: string;
  message: string;
  hint: string | null;
  /** The same as the message names, one by one, when there are several. */
  faults: string[];
}

function describe(error: unknown): Description {
  if (error instanceof CommanderError) {
    if (error.code === "commander.help")
      return { code: "usage", message: "a command is missing", hint: "ratchet --help lists them", faults: [] };
    const [message = "", ...more] = error.message.replace(/^error: /, "").split("\n");
    const suggestion = more.find((line) => line.startsWith("(Did you mean"))?.replace(/[()]/g, "");
    return { code: "usage", message, hint: suggestion ?? "add --help to see how the command is used", faults: [] };
  }
  if (error instanceof Fault)
    return { code: error.code, message: error.message, hint: error.hint ?? null, faults: faultsOf(error) };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "internal",
    message: `something went wrong that should not: ${message}`,
    hint: "please report it, with the command that you ran",
    faults: [],
  };
}

function faultsOf({ message, details }: Fault): string[] {
  const listed = Array.isArray(details.faults) ? details.faults.map(faultText) : [];
  return listed.every((text) => text !== null && message.includes(text)) ? (listed as string[]) : [];
}

/** Faults are named as texts, as a place and what is wrong there, or as a line of a file. */
function faultText(fault: unknown): string | null {
  if (typeof fault === "string") return fault;
  const { place, message, line, words } = (fault ?? {}) as Record<string, unknown>;
  if (typeof line === "number" && typeof words === "string") return `line ${line}: ${words}`;
  if (typeof message !== "string") return null;
  return typeof place === "string" && place !== "" ? `"${place}" ${message}` : message;
}

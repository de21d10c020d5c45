// ratchet redact: replaces personal data in lines of text; needs no server, so that it fits into pipelines.

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { Fault } from "../domain/fault.ts";
import { PERSONAL_DATA } from "../domain/personal-data.ts";
import type { Context } from "./context.ts";

interface Options {
  spans?: boolean;
  jsonLines?: boolean;
  types?: string[];
  allow?: string[];
}

export function register(program: Command, context: Context): void {
  program
    .command("redact")
    .description(
      "Replace e-mail addresses, phone numbers, account numbers, keys and other personal data in lines of text; needs no server. Each line is a text of its own: placeholders are numbered anew, and what goes over lines (a private key) is found with --json-lines alone.",
    )
    .argument("[file]", "what to read (default: standard input)")
    .option(
      "--spans",
      'print {"text","spans":[{"start","end","type"}]} for each line: the redacted text, and places in the line as it came in (UTF-16 units, end exclusive)',
    )
    .option(
      "--json-lines",
      "each line is a JSON string, which may hold line breaks; without --spans it comes out as one again",
    )
    .option("--types <names>", `only these, of ${PERSONAL_DATA.join(",")} (default: all)`, names)
    .option("--allow <entries>", "what stays: your own domains, addresses or numbers, separated by commas", names)
    .addHelpText(
      "after",
      "\nExamples:\n  echo 'write to jane@acme.com' | ratchet redact\n  ratchet redact --spans --json-lines < lines.jsonl\n  ratchet redact --types EMAIL,PHONE --allow acme.com notes.txt",
    )
    .action((file: string | undefined, options: Options) => redact(context, file, options));
}

async function redact(context: Context, file: string | undefined, options: Options): Promise<void> {
  const { createRedactor } = await import("../snapshot/redact.ts");
  const redactor = createRedactor({ types: options.types ?? "all", allow: options.allow ?? [] });
  let number = 0;
  for await (const line of linesOf(file === undefined ? context.in : createReadStream(file), file)) {
    number++;
    const input = options.jsonLines === true ? parseLine(line, number) : line;
    const { text, spans } = redactor.conversation().redactText(input);
    const printed =
      options.spans === true
        ? JSON.stringify({ text, spans })
        : options.jsonLines === true
          ? JSON.stringify(text)
          : text;
    if (!context.out.write(`${printed}\n`)) await once(context.out, "drain");
  }
}

/** Lines end at a line feed alone (or after a carriage return): a JSON string may hold any other separator as it is. */
async function* linesOf(stream: NodeJS.ReadableStream, file: string | undefined): AsyncGenerator<string> {
  stream.setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of stream) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (file === undefined || code === undefined) throw error;
    throw new Fault(code === "ENOENT" ? "not_found" : "invalid", `${file} cannot be read (${code})`, {
      hint: "name a text file, or nothing to read standard input",
    });
  }
  if (rest !== "") yield rest;
}

function parseLine(line: string, number: number): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value === "string") return value;
  throw new Fault("invalid", `line ${number} is not a JSON string`, {
    hint: 'with --json-lines each line is one, as "call me at 555-0100"; leave the option out for plain text',
  });
}

function names(list: string): string[] {
  const parts = list
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) throw new InvalidArgumentError("give at least one, separated by commas.");
  return parts;
}

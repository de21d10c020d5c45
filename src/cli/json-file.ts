// Reads a JSON file that a person wrote, and says exactly where it is wrong.
import { readFile } from "node:fs/promises";
import { Fault } from "../domain/fault.ts";
import { jsonFault } from "./json-fault.ts";

/** The text of a file, without a byte-order mark. Throws a Fault: `not_found`, or `invalid` when it cannot be read. */
export async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new Fault("not_found", `there is no file ${path}`, { hint: "give the path of a file that is there" });
    throw new Fault("invalid", `${path} cannot be read (${code})`, {
      hint: "give the path of a text file that you may read",
    });
  }
}

/** A file's JSON. Throws a Fault that names line and column. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readText(path);
  const fault = jsonFault(text);
  if (fault !== null)
    throw new Fault("invalid", `${path} is not JSON: line ${fault.line}, column ${fault.column}: ${fault.words}`, {
      hint: "correct it and try again; nothing was changed",
    });
  return JSON.parse(text);
}

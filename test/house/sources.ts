// Reads the sources as the house rules see them: which file imports what, with types and without.
import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, posix } from "node:path";
import { fileURLToPath } from "node:url";

export interface Source {
  /** Below src, with "/": "store/alerts.ts". */
  readonly path: string;
  /** What the rules know it by: the folder's name, or the file's own for a file of the top level. */
  readonly room: string;
  readonly text: string;
  /** Without its types: what Node runs. */
  readonly code: string;
}

export interface Import {
  readonly from: Source;
  /** As written: "../store/alerts.ts", "node:fs", "zod". */
  readonly specifier: string;
  /** Below src, for one of our own files; else null. */
  readonly path: string | null;
  /** The room of one of our own files; else null. */
  readonly room: string | null;
  /** True when it is gone once the types are stripped. */
  readonly typesOnly: boolean;
}

/** The repository's root, with a "/" at the end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

// Static imports and re-exports, and dynamic imports of a literal; specifiers are on one line with the quote before them.
const STATIC = /(?:^|[;}\n])\s*(?:import|export)\b(?:[^"'`;=()]*?\bfrom)?\s*["']([^"'\n]+)["']/g;
const DYNAMIC = /\bimport\s*\(\s*["']([^"'\n]+)["']/g;

/** The specifiers in a piece of code, each once. */
export function specifiersIn(code: string): string[] {
  const found = [STATIC, DYNAMIC].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!));
  return [...new Set(found)];
}

/** What Node runs of a piece of TypeScript. */
export function stripped(text: string): string {
  return stripTypeScriptTypes(text);
}

/** Every source file of src. */
export function readSources(): Source[] {
  return readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => {
      const text = readFileSync(`${ROOT}src/${path}`, "utf8");
      return { path, room: roomOf(path), text, code: stripped(text) };
    });
}

/** Every import of the sources, types included. */
export function readImports(sources: readonly Source[]): Import[] {
  return sources.flatMap((from) => {
    const kept = new Set(specifiersIn(from.code));
    return specifiersIn(from.text).map((specifier) => {
      const path = specifier.startsWith(".") ? posix.join(dirname(from.path), specifier) : null;
      return {
        from,
        specifier,
        path,
        room: path === null ? null : roomOf(path),
        typesOnly: !kept.has(specifier),
      };
    });
  });
}

function roomOf(path: string): string {
  return path.split("/")[0]!;
}

// Which test files a run takes, in which order, and what each needs: told from where they lie.
import { existsSync, globSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { Fault } from "../../src/domain/fault.ts";

export interface TestFile {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string;
  /** unit: nothing; database: PostgreSQL; servers: Temporal, too. */
  readonly level: "unit" | "database" | "servers";
  /** Runs alone: it skips time, or runs everything, on a machine of two cores. */
  readonly serial: boolean;
}

const UNIT = ["domain", "analysis", "snapshot", "evidence", "evaluation", "personal", "sandbox", "providers", "runner"];
const DATABASE = ["db", "store", "artifacts", "trainers", "serving", "activities", "api", "cli", "sdk"];
const SERIAL = ["workflows"];
const LEVELS = ["unit", "database", "servers"] as const;

/**
 * @param root the repository
 * @param chosen files and folders; empty: all there are
 * @throws Fault `invalid` that names what is no test file
 */
export function chooseFiles(root: string, chosen: readonly string[]): TestFile[] {
  const places = chosen.length === 0 ? ["test"] : chosen;
  const paths = new Set(places.flatMap((place) => testFilesAt(root, place)));
  return [...paths].map(describeFile).sort(byCost);
}

/** What is told of a file by its path alone. */
export function describeFile(path: string): TestFile {
  const folder = path.split("/")[1] ?? "";
  const level = UNIT.includes(folder) ? "unit" : DATABASE.includes(folder) ? "database" : "servers";
  return { path, level, serial: path.endsWith(".serial.test.ts") || SERIAL.includes(folder) };
}

function testFilesAt(root: string, place: string): string[] {
  const full = resolve(root, place);
  if (!existsSync(full)) throw new Fault("invalid", `there is no ${place}`);
  const files = statSync(full).isDirectory() ? globSync(`${full}/**/*.test.ts`) : [full];
  const paths = files.map((file) => relative(root, file).replaceAll(sep, "/"));
  const wrong = paths.find((path) => !/^test\/.*\.test\.ts$/.test(path));
  if (wrong !== undefined)
    throw new Fault("invalid", `${wrong} is no test file: these lie in test/ and end in .test.ts`);
  if (paths.length === 0) throw new Fault("invalid", `there are no test files in ${place}`);
  return paths;
}

function byCost(a: TestFile, b: TestFile): number {
  return (
    Number(a.serial) - Number(b.serial) ||
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    (a.path < b.path ? -1 : 1)
  );
}

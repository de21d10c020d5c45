// Packages of npm for a peer, installed once into a folder of their own, so that the product does not depend on them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cacheFolder } from "../../src/embedded/cache-folder.ts";

/** Written last, so that a folder whose making was cut short is made anew. */
const COMPLETE = "complete";

/** A `require` that finds the packages, each pinned as `name@version`; says why not where they cannot be had. Nothing of them runs at install. */
export function nodePackages(pins: readonly string[]): NodeJS.Require | { skipped: string } {
  const folder = join(cacheFolder(process.env), `npm-${pins.join("-").replaceAll(/[^\w.-]/g, "_")}`);
  const fault = existsSync(join(folder, COMPLETE)) ? null : install(folder, pins);
  return fault === null ? createRequire(join(folder, "package.json")) : { skipped: fault };
}

function install(folder: string, pins: readonly string[]): string | null {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", ...pins];
  const { error, status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (error !== undefined || status !== 0) {
    return `${pins.join(", ")} could not be installed: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
  }
  writeFileSync(join(folder, COMPLETE), "");
  return null;
}

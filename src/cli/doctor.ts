// ratchet doctor: looks at everything that Ratchet leans on, and says what to do about each thing that is wrong.
import { styleText } from "node:util";
import type { Command } from "commander";
import { type Config, readConfig } from "../config.ts";
import type { Check } from "./checks/check.ts";
import { good, wrong } from "./checks/check.ts";
import { checkApi } from "./checks/check-api.ts";
import { checkDatabase } from "./checks/check-database.ts";
import { checkTemporal } from "./checks/check-temporal.ts";
import { guarded } from "./checks/guarded.ts";
import type { Context } from "./context.ts";
import { Unsuccessful } from "./terminal/explain.ts";
import { counted } from "./terminal/figures.ts";

const OLDEST_NODE = 24;

export function register(program: Command, context: Context): void {
  program
    .command("doctor")
    .description(
      "Check everything that Ratchet needs, from here: Node, environment, database, Temporal, API, key, providers.",
    )
    .addHelpText(
      "after",
      "\nExit code 1 when something is wrong.\n\nExamples:\n  ratchet doctor\n  ratchet doctor --json",
    )
    .action(async () => {
      const checks = await examine(context);
      const faults = checks.filter((check) => check.state === "wrong").length;
      context.print({ ok: faults === 0, checks }, () => [
        ...checks.flatMap((check) => describe(check, context.out)),
        "",
        faults === 0 ? "Nothing is wrong." : `${counted(faults, "thing")} to see to.`,
      ]);
      if (faults > 0) throw new Unsuccessful();
    });
}

async function examine(context: Context): Promise<Check[]> {
  const node = checkNode(process.versions.node);
  let config: Config | undefined;
  const environment = await guarded("environment", async () => {
    config = readConfig();
    return good("environment", "every variable that is set can be read");
  });
  if (config === undefined) return [node, environment];
  const { checkProviders } = await import("./checks/check-providers.ts");
  const [database, temporal, { checks: api, addresses }] = await Promise.all([
    checkDatabase(config),
    checkTemporal(config),
    checkApi(context.api),
  ]);
  return [node, environment, database, temporal, ...api, ...(await Promise.all(checkProviders(config, addresses)))];
}

function checkNode(version: string): Check {
  if (Number(version.split(".")[0]) >= OLDEST_NODE) return good("Node", version);
  return wrong("Node", `${version} is older than ${OLDEST_NODE}`, "run it as npx ratchet, which brings its own Node");
}

function describe(check: Check, out: NodeJS.WriteStream): string[] {
  const mark = {
    good: styleText("green", "✓", { stream: out }),
    wrong: styleText("red", "✗", { stream: out }),
    unused: "–",
  }[check.state];
  return [`${mark} ${check.name}: ${check.says}`, ...(check.hint === null ? [] : [`    → ${check.hint}`])];
}

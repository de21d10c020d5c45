// ratchet experiment verdict: a verdict from tallies alone, without any server; for analysts, and for checking us.
import type { Command } from "commander";
import { namesOf } from "../evidence/figures.ts";
import { ERROR_RATES, primaryOf } from "../evidence/policy.ts";
import { judge, type Verdict } from "../evidence/verdict.ts";
import { checkLine } from "./check-line.ts";
import type { Context } from "./context.ts";
import { readJsonFile } from "./json-file.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts } from "./terminal/table.ts";
import { verdictDocument } from "./verdict-document.ts";
import { parseVerdictFile, type VerdictFile } from "./verdict-file.ts";

export function registerVerdict(experiment: Command, context: Context): void {
  experiment
    .command("verdict")
    .description("Make a verdict from a file of tallies; needs no server.")
    .requiredOption(
      "--from <file>",
      "JSON: {strata: [{control, challenger}], hours, …}; docs/evidence.md has an example",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  ratchet experiment verdict --from look.json\n  ratchet experiment verdict --from look.json --json",
    )
    .action(async ({ from }: { from: string }) => {
      const file = parseVerdictFile(await readJsonFile(from));
      const verdict = judge(file.evidence, file.policy);
      context.print(verdictDocument(file, verdict), () => linesOf(file, verdict));
    });
}

function linesOf({ policy, ignored }: VerdictFile, { reason, checks, numbers }: Verdict): string[] {
  const e = (logE: number) =>
    logE < Math.log(1e6)
      ? new Intl.NumberFormat("en-US", { maximumSignificantDigits: logE < 0 ? 1 : 3 }).format(Math.exp(logE))
      : "over a million";
  const limit = (alpha: number) => Number((1 / alpha).toPrecision(3)).toString();
  const { promote, harm, futile } = policy.alpha ?? ERROR_RATES;
  const { name } = namesOf(primaryOf(policy).key);
  return facts([
    ["verdict", reason],
    ["measured", name],
    [
      "evidence",
      numbers === null
        ? null
        : `for better: ${e(numbers.logEPromote)} (${limit(promote)} is enough) · for worse: ${e(numbers.logEHarm)} (${limit(harm)}) · for too small: ${e(numbers.logEFutile)} (${limit(futile)})`,
    ],
    ...checks.map(checkLine),
    ["not read", ignored.length === 0 ? null : ignored.map(foreignText).join(", ")],
  ]);
}

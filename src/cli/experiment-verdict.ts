// ratchet experiment verdict: a verdict from tallies alone, without any server; for analysts, and for checking us.
import type { Command } from "commander";
import { NOTHING_ELSE } from "../evidence/evidence.ts";
import { namesOf } from "../evidence/figures.ts";
import { ERROR_RATES, primaryOf } from "../evidence/policy.ts";
import { judge, type Verdict } from "../evidence/verdict.ts";
import type { Context } from "./context.ts";
import { readJsonFile } from "./json-file.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts } from "./terminal/table.ts";
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
      context.print(documentOf(file, verdict), () => linesOf(file, verdict));
    });
}

/** The outputs under the keys of published vectors, and our verdict. What cannot be computed is null. */
function documentOf({ evidence, policy, ignored }: VerdictFile, verdict: Verdict) {
  // The decision of those vectors is the rule's alone, before any check.
  const { elapsed, primary } = evidence;
  const alone = judge({ ...NOTHING_ELSE, elapsed, primary }, policy);
  const { numbers } = alone;
  return {
    p_challenger: numbers?.challengerRate ?? null,
    p_control: numbers?.championRate ?? null,
    delta: numbers?.difference ?? null,
    rel_lift: numbers?.lift ?? null,
    V_wald: numbers?.variance ?? null,
    V_null: numbers?.nullVariance ?? null,
    V_promote: numbers === null ? null : Math.max(numbers.variance, numbers.nullVariance),
    V_harm: numbers?.variance ?? null,
    log_e_superior: numbers?.logEPromote ?? null,
    log_e_harm: numbers?.logEHarm ?? null,
    log_e_futile: numbers?.logEFutile ?? null,
    lcb: numbers?.lower ?? null,
    ucb: numbers?.upper ?? null,
    users_challenger: primary.reduce((sum, { challenger }) => sum + challenger.users, 0),
    ratings_challenger: primary.reduce((sum, { challenger }) => sum + challenger.sumK, 0),
    decision_success_metric: decisionOf(alone),
    verdict,
    ignored,
  };
}

function decisionOf({ kind, because }: Verdict): "superior" | "reject_harm" | "stop_futile" | "continue" {
  if (kind === "promote") return "superior";
  if (kind === "reject") return "reject_harm";
  return because === "futile" ? "stop_futile" : "continue"; // being out of time is no evidence
}

function linesOf({ policy, ignored }: VerdictFile, { reason, checks, numbers }: Verdict): string[] {
  const e = (logE: number) =>
    logE < Math.log(1e6) ? Number(Math.exp(logE).toPrecision(3)).toString() : "over a million";
  const limit = (alpha: number) => Number((1 / alpha).toPrecision(3)).toString();
  const { promote, harm, futile } = policy.alpha ?? ERROR_RATES;
  const { name } = namesOf(primaryOf(policy).key);
  return facts([
    ["verdict", reason],
    ["measured", name],
    [
      "e-values",
      numbers === null
        ? null
        : `better ${e(numbers.logEPromote)}, worse ${e(numbers.logEHarm)}, below the wanted lift ${e(numbers.logEFutile)}; ${limit(promote)}, ${limit(harm)} and ${limit(futile)} decide`,
    ],
    ...checks.map(
      ({ name: check, passed, words }) =>
        [check, `${passed ? "passed" : "NOT PASSED"}: ${foreignText(words)}`] as const,
    ),
    ["not read", ignored.length === 0 ? null : ignored.map(foreignText).join(", ")],
  ]);
}

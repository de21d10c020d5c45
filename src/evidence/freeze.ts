// All that is frozen when an experiment begins, in one call for whoever begins one: a cycle, or an operator.

import type { ExperimentParameters } from "../domain/experiment.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { type ChampionBefore, experimentParameters } from "./experiment-parameters.ts";
import { testAccountsOf } from "./test-accounts.ts";

/** `value` is the champion's of the primary metric; `salt` is the experiment's, under which its test accounts are named. */
export function freeze(
  settings: LoopSettings,
  { value, ...before }: ChampionBefore & { value: number | null },
  salt: string,
): ExperimentParameters {
  return { ...experimentParameters(settings, value, before), testAccounts: testAccountsOf(settings, salt) };
}

// The accounts of one's own that have a given side in an experiment, as they are frozen with it: by hash, not by id.
import type { LoopSettings } from "../domain/loop-settings.ts";
import { hashPoints, type TestAccount, unitOf } from "./assignment.ts";

/** Of the settings, the test accounts of an experiment whose units are hashed with `salt`. */
export function testAccountsOf({ experiment }: LoopSettings, salt: string): TestAccount[] {
  return experiment.testAccounts.map(({ user_id: user, variant }) => ({
    ...hashPoints(salt, unitOf({ user })!),
    variant,
  }));
}

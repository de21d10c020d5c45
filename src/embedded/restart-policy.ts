// Decides whether a child that died is started again, and how soon: patient with one death, not with a string of them.

export type RestartDecision =
  | { readonly kind: "restart"; readonly afterMs: number }
  | { readonly kind: "give-up"; readonly reason: string };

const WINDOW_MS = 60_000;
const MOST_DEATHS = 5;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/**
 * @param deaths when the child died, in milliseconds, the present death included
 * @param now the present time in milliseconds
 */
export function decideRestart(name: string, deaths: readonly number[], now: number): RestartDecision {
  const recent = deaths.filter((at) => at > now - WINDOW_MS).length;
  if (recent > MOST_DEATHS) return { kind: "give-up", reason: `${name} died ${recent} times within a minute` };
  return { kind: "restart", afterMs: Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, recent - 1)) };
}

// A simulated user: comes back, says something, and sometimes tells what they think of the answer.

/** What one person is like. Shares from 0 to 1. */
export interface SimulatedUser {
  readonly id: string;
  /** How often they rate what they got. */
  readonly rates: number;
  /** How often they press the wrong thumb. */
  readonly errs: number;
}

export interface Crowd {
  readonly users: number;
  /** The mean over people; each has their own, evenly spread from half of it to one and a half. */
  readonly rates: number;
  readonly errs: number;
}

/** Most people say nothing, and some of those who do are wrong. */
export const CROWD: Crowd = { users: 1_500, rates: 0.34, errs: 0.05 };

/** How many things somebody says before they leave again: 1 to this, evenly. */
const MOST_AT_ONCE = 4;

/** The people, the same ones for the same chance. */
export function simulatedUsers(crowd: Crowd, random: () => number): SimulatedUser[] {
  return Array.from({ length: crowd.users }, (_, index) => ({
    id: `user-${index + 1}`,
    rates: crowd.rates * (0.5 + random()),
    errs: crowd.errs,
  }));
}

/** Somebody comes: regulars, who stand first, more often than others (the first tenth makes a fifth of all visits). */
export function visitor(users: readonly SimulatedUser[], random: () => number): SimulatedUser {
  return users[Math.floor(users.length * random() ** REGULARS)]!;
}

const REGULARS = Math.log(0.1) / Math.log(0.2);

/** How many things a visitor says. */
export function visitLength(random: () => number): number {
  return 1 + Math.floor(random() * MOST_AT_ONCE);
}

/**
 * What a user says of an answer: 1, -1, or null for nothing. They judge by what they meant, and by nothing else: whether
 * they rate does not depend on what they got. Always draws twice, so that one user's mood does not move another's.
 */
export function opinion(user: SimulatedUser, meant: string, got: string | null, random: () => number): 1 | -1 | null {
  const speaks = random() < user.rates;
  const errs = random() < user.errs;
  if (!speaks) return null;
  return (meant === got) !== errs ? 1 : -1;
}

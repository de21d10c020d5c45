// Synthetic users: who they are, when they ask, and when their ratings arrive. What they think of a model is not decided here.

import type { Draws } from "./draws.ts";

export const HOURS = 168;
export const LOOK_HOURS = 0.5;

export interface Population {
  /** All ratings in 48 hours, on average, before any cap. */
  ratings: number;
  /** How users come: see `visits`. */
  coming: "half once, half all week" | "half anew, half regulars" | "everybody once";
  /** Share of the base's answers that are liked, 0 to 1. */
  approval: number;
  /** Ratings of a user in all, on average; of a regular, in every 48 hours. */
  ratingsPerUser: number;
  correlation: number;
  /** The share of interactions that get a rating. At 1 every simulated interaction is a rating. */
  ratingRate: number;
  /** Approval goes up and down with the time of day by so much, on both sides; it is lowest six hours after the start. */
  drift: number;
  /** Mean hours from interaction to rating. */
  delay: number;
  /** One more user, who gives so many ratings in the first 48 hours, all thumbs up. */
  zealot: number;
}

/** The population of the method's tables (docs/evidence-figures.md). */
export const USUAL: Population = {
  ratings: 2000,
  coming: "half once, half all week",
  approval: 0.8,
  ratingsPerUser: 4,
  correlation: 0.1,
  ratingRate: 1,
  drift: 0,
  delay: 0,
  zealot: 0,
};

export interface Visit {
  user: number;
  /** Hours since the start. */
  asked: number;
  arrives: number;
}

/** A week of interactions: for each look those whose rating has arrived since the look before, in the order in which they arrive. */
export function visits(population: Population, draws: Draws): { users: number; byLook: Visit[][] } {
  const { ratings, coming, ratingsPerUser, ratingRate, delay, zealot } = population;
  const byLook = Array.from({ length: HOURS / LOOK_HOURS }, (): Visit[] => []);
  let users = 0;
  const add = (user: number, asked: number) => {
    const arrives = delay > 0 ? asked + draws.exponential(delay) : asked;
    const look = Math.floor(arrives / LOOK_HOURS);
    if (look < byLook.length) byLook[look]!.push({ user, asked, arrives });
  };
  const interactions = () => Math.round(draws.geometric(ratingsPerUser) / ratingRate);
  const comeOnce = () => {
    const user = users++;
    const asked = draws.uniform() * HOURS;
    for (let left = interactions(); left > 0; left--) add(user, asked + left / 60); // one visit, a minute for each
  };
  const comeAllWeek = (times: number) => {
    const user = users++;
    for (let left = times; left > 0; left--) add(user, draws.uniform() * HOURS);
  };

  const windows = HOURS / 48;
  const people = Math.round(ratings / ratingsPerUser); // in 48 hours
  if (coming === "everybody once") {
    for (let left = people * windows; left > 0; left--) comeOnce();
  } else if (coming === "half once, half all week") {
    // Of all who rate in the week half come once, and half spread as many ratings over the week.
    for (let left = (people / 2) * windows; left > 0; left--) comeOnce();
    for (let left = (people / 2) * windows; left > 0; left--) comeAllWeek(interactions());
  } else {
    // In any 48 hours half of those who rate are there for the first time; the others come all week, and rate as much every 48 hours.
    for (let left = (people / 2) * windows; left > 0; left--) comeOnce();
    for (let left = people / 2; left > 0; left--) comeAllWeek(Math.round(interactions() * windows));
  }
  if (zealot > 0) {
    const user = users++;
    for (let left = zealot; left > 0; left--) add(user, draws.uniform() * 48);
  }
  for (const arrived of byLook) arrived.sort((first, second) => first.arrives - second.arrives);
  return { users, byLook };
}

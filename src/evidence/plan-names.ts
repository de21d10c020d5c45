// What a plan calls the values of its metric: thumbs are given by people who rate, other things have other words.
import { namesOf } from "./figures.ts";
import { APPROVAL, type MetricKey } from "./metric.ts";

export interface PlanNames {
  /** As in "about 300 … a day". */
  values: string;
  /** As in "no … from a user on any of them". */
  one: string;
  /** As in "50 % of … are on answers that name nobody". */
  all: string;
  /** As in "a user's … resemble each other", "too few …" and "send …". */
  each: string;
  /** As in "somebody who …". */
  once: string;
  /** As in "too few users …". */
  again: string;
  /** As in "never: too few people …". */
  come: string;
  /** How there can be any at all. */
  send: string;
  /** How there can be more. */
  more: string;
}

/** The words for a plan of this metric. */
export function planNamesOf(key: MetricKey): PlanNames {
  if (key === APPROVAL.key)
    return {
      values: "ratings",
      one: "thumb",
      all: "the thumbs",
      each: "ratings",
      once: "rates once",
      again: "rated more than once",
      come: "rate",
      send: "no ratings: send thumbs by POST /api/feedback, on answers that name a user or a conversation",
      more: "have more answers rated",
    };
  const { name } = namesOf(key);
  const rest = { each: "values", once: "has one", again: "have more than one" };
  if (key === "quality")
    return {
      ...rest,
      values: "answers with a quality",
      one: name,
      all: "the qualities",
      come: "ask",
      send: 'no quality: send it from 0 to 1 as "quality" with the answers by POST /api/interactions, which must name a user or a conversation',
      more: "judge more answers",
    };
  return {
    ...rest,
    values: `values of ${name}`,
    one: `value of ${name}`,
    all: "the values",
    come: "give it",
    send: `no values of ${name}: send numbers, or true and false, under this name by POST /api/feedback, on answers that name a user or a conversation`,
    more: `have it sent for more answers`,
  };
}

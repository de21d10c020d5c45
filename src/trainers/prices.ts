// What training costs: dated data in prices.json, not constants in code.
import prices from "./prices.json" with { type: "json" };

/** USD per million training tokens of a base model, dated versions included ("gpt-4o-mini-2024-07-18"); null when not known. */
export function trainingPrice(model: string): number | null {
  const entries = Object.entries(prices.training).sort(([left], [right]) => right.length - left.length);
  const found = entries.find(
    ([name]) => model === name || (model.startsWith(`${name}-`) && /^\d{4}/.test(model.slice(name.length + 1))),
  );
  return found?.[1] ?? null;
}

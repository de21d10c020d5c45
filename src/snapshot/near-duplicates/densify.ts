// Gives the bins that no gram has fallen into the value of another bin, so that short texts can be compared as long ones are.
import { spread } from "./grams.ts";

/**
 * A function that fills the empty bins of a sketch, in place. Each empty bin goes through all bins in an order of its own, the
 * same for every text, and takes the value of the first that has one. Two texts then agree in it as often as they are alike,
 * whatever its neighbours do (optimal densification, Shrivastava 2017). A sketch without any value stays as it is.
 */
export function createDensifier(bins: number, empty: number): (sketch: Int32Array) => void {
  const orders = Array.from({ length: bins }, (_, bin) => orderOf(bin, bins));
  const given = new Int32Array(bins);
  return (sketch) => {
    given.set(sketch);
    for (let bin = 0; bin < bins; bin += 1) {
      if (given[bin] === empty) sketch[bin] = firstGiven(orders[bin]!);
    }
  };

  function firstGiven(order: Uint8Array): number {
    for (let at = 0; at < bins; at += 1) {
      const value = given[order[at]!]!;
      if (value !== empty) return value;
    }
    return empty;
  }
}

/** All bins (256 at most) in an order that depends on nothing but the one that asks (Fisher and Yates). */
function orderOf(bin: number, bins: number): Uint8Array {
  const order = Uint8Array.from({ length: bins }, (_, index) => index);
  for (let last = bins - 1; last > 0; last -= 1) {
    const other = (spread(spread(bin + 1) + last) >>> 0) % (last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

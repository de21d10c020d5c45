// Which calling codes there are, and how many digits may follow each: what +… is checked by, without parsing the number.
import { getCountries, getCountryCallingCode, Metadata } from "libphonenumber-js/max";

const LONGEST_CODE = 3;
let lengths: ReadonlyMap<string, ReadonlySet<number>> | undefined;

/** The calling code that international digits (without "+" or "00") begin with, and the number within its plan. */
export function splitCallingCode(digits: string): { code: string; national: string; possible: boolean } | undefined {
  lengths ??= readLengths();
  for (let size = 1; size <= LONGEST_CODE; size += 1) {
    const code = digits.slice(0, size);
    const known = lengths.get(code);
    if (known === undefined) continue;
    const national = digits.slice(size);
    // "+44 0161 …": the zero for calls within the country is often left in.
    const possible = known.has(national.length) || (national.startsWith("0") && known.has(national.length - 1));
    return { code, national, possible };
  }
  return undefined;
}

/** From the numbering plans of all countries: those that share a code are taken together. */
function readLengths(): Map<string, Set<number>> {
  const read = new Map<string, Set<number>>();
  const metadata = new Metadata();
  for (const country of getCountries()) {
    metadata.selectNumberingPlan(country);
    const code = getCountryCallingCode(country);
    const known = read.get(code) ?? new Set();
    for (const length of metadata.numberingPlan?.possibleLengths() ?? []) known.add(length);
    read.set(code, known);
  }
  return read;
}

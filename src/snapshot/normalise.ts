// What two texts are compared by: composition, case and white space do not tell them apart.

/** NFC, lower case, single spaces for all white space, none at either end. */
export function normalise(text: string): string {
  // As /\s+/, but a space that stands alone, as most do, is not replaced by another one: half the time.
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s\s+|[^\S ]/g, " ")
    .trim();
}

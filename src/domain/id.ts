// Rows are named by UUIDv7, made by us before anything starts, so that a retry or a reset keeps them.
import { v7, validate, version } from "uuid";

/** A new id; ids made later sort later. */
export function newId(): string {
  return v7();
}

/** Whether a text is an id in our form. */
export function isId(text: string): boolean {
  return validate(text) && version(text) === 7;
}

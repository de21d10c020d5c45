// Keeps a person's text from being read as the marks between turns.
import { cleanText } from "../../domain/clean-text.ts";

/** `<|im_start|>`, `<|endoftext|>` and all others of this form, and the marks of Gemma's template. */
const MARK = /<(?=\|[^\s<>|]{1,64}\|>|(?:start|end)_of_turn>)/g;

/**
 * The text, made safe, with a space in each mark, `< |im_start|>`: readable, and no special token to a tokenizer that looks for them
 * in a text that it was given. Without it somebody could write an answer of the assistant's into their own message.
 */
export function withoutSpecialTokens(text: string): string {
  // Made safe first: a NUL that went afterwards could close a mark.
  return text.includes("<") ? cleanText(text).replace(MARK, "< ") : text;
}

// What the classifier and the embeddings see of a text: its words and its pairs of neighbouring words.

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

/** The words of a text in small letters, in order; punctuation is dropped. */
export function words(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** Words and neighbouring pairs ("set timer"), repeats kept: the classifier counts them. */
export function features(text: string): string[] {
  const single = words(text);
  const found = [...single];
  for (let index = 1; index < single.length; index++) found.push(`${single[index - 1]} ${single[index]}`);
  return found;
}

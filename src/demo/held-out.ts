// Accuracy on utterances that no user ever said: asked of the champion, by an operator, and not to be learned from.
import type { Utterance } from "../sandbox/corpus.ts";
import type { Application } from "./application.ts";

const AT_ONCE = 12;

/** The share of utterances that the loop's champion answers with the right action. */
export async function heldOutAccuracy(
  operator: Application,
  loop: string,
  heldOut: readonly Utterance[],
): Promise<number> {
  const left = heldOut.values();
  let right = 0;
  const ask = async () => {
    for (const { text, label } of left) {
      const { action } = await operator.say(text, { model: `${loop}:champion`, store: false });
      if (action === label) right++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return right / heldOut.length;
}

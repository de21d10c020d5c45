// Conversations by seed, with what people and applications really send: parts, tools, odd characters, marks of formats.
import type { Message } from "../../../src/domain/message.ts";
import { pick, seededRandom } from "../../../src/sandbox/seeded-random.ts";
import type { Demonstration } from "../../../src/snapshot/formats/training-input.ts";

const PIECES = [
  "hello",
  " ",
  "\n",
  "<|im_start|>assistant\n",
  "<|im_end|>",
  "<|im_end|>\n",
  "<|endoftext|>",
  "<|",
  "|>",
  "<",
  "im_start",
  "### Response:",
  "#",
  "\u2028",
  "\ud83d\ude00",
  "\ud83d",
  "\0",
  '"',
  "\\",
  "日本",
  "[EMAIL_1]",
];

const IMAGE = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } };

/** `plain`: words alone, as every format takes them. The same seed gives the same conversations. */
export function* conversations(seed: number, count: number, plain: boolean): Generator<Demonstration, void> {
  const random = seededRandom(seed);
  const text = () => Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(PIECES, random)).join("");
  const content = () => {
    if (plain || random() < 0.6) return text();
    return random() < 0.5 ? [{ type: "text", text: text() }, IMAGE] : [{ type: "text", text: text() }];
  };
  const turn = (index: number): Message[] => {
    const user = { role: "user", content: content() };
    if (plain || random() < 0.7) return [user, { role: "assistant", content: `a${text()}` }];
    const id = `call_${index}`;
    const call = { id, type: "function", function: { name: "todo", arguments: JSON.stringify({ title: text() }) } };
    const answered = { role: "tool", tool_call_id: id, content: text() };
    return [
      user,
      { role: "assistant", content: null, tool_calls: [call] },
      answered,
      { role: "assistant", content: "ok" },
    ];
  };
  for (let index = 0; index < count; index += 1) {
    const system = random() < 0.5 ? [{ role: "system", content: text() }] : [];
    const turns = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, each) => turn(each)).flat();
    const answer = turns.at(-1)!;
    const tools = plain ? {} : { tools: [{ type: "function", function: { name: "todo", parameters: {} } }] };
    yield { messages: [...system, ...turns.slice(0, -1)], answer, ...tools, whole: random() < 0.3 };
  }
}

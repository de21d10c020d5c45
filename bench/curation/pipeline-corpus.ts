// Interactions and thumbs for measuring the pipeline: of the length that is usual, some with personal data, some that nearly
// say the same again. Written straight into the tables, as seen by pulse 1.
import { z } from "zod";
import { sql } from "../../src/db/sql.ts";
import { chance } from "../../test/snapshot/row.ts";
import type { TestDatabase } from "../../test/support/test-database.ts";

const BATCH = 5_000;
const WORDS = 4_000;
/** Words in an answer: with the question and the system prompt some 880 characters a row. */
const LENGTH = 105;
const SYSTEM = "You are a helpful household assistant. Answer briefly, and say when you are not sure.";

/** Fills a loop with so many rated interactions, the same ones each time; about every third is a near-copy of another. */
export async function fillLoop({ db }: TestDatabase, loop: string, rows: number): Promise<void> {
  const random = chance(11);
  const words = Array.from({ length: WORDS }, () => word(random));
  const at = Date.UTC(2026, 9, 1);
  let earlier: { question: string; answer: string } | null = null;
  for (let start = 0; start < rows; start += BATCH) {
    const documents = Array.from({ length: Math.min(BATCH, rows - start) }, (_, index) => {
      const number = start + index;
      const fresh = { question: sentence(random, words, 14), answer: sentence(random, words, LENGTH) };
      const said = earlier !== null && random() < 0.3 ? variant(earlier, random, words) : fresh;
      if (random() < 0.1) earlier = said;
      const personal = random() < 0.2 ? ` Write to ${words[number % WORDS]}@example.org or call +1 212 555 0187.` : "";
      return {
        id: idAt(at + number * 50, number),
        at: new Date(at + number * 50).toISOString(),
        unit: `unit-${Math.floor(random() * (rows / 20))}`,
        action_type: `action_${Math.floor(random() * 12)}`,
        messages: [
          { role: "system", content: SYSTEM },
          { role: "user", content: said.question + personal },
        ],
        response: { role: "assistant", content: said.answer },
        value: random() < 0.85 ? 1 : -1,
      };
    });
    await db.withLoop(loop, async (tx) => {
      const json = JSON.stringify(documents);
      await tx.run(sql`
        insert into interaction (id, loop, at, unit, model_name, variant, messages, response, action_type, pulse)
        select id, ${loop}, at, unit, 'bench', 'champion', messages, response, action_type, 1
        from jsonb_to_recordset(${json}::jsonb) as row (id uuid, at timestamptz, unit text, messages jsonb, response jsonb, action_type text)`);
      await tx.run(sql`
        insert into feedback (id, loop, interaction_id, rater, value, pulse)
        select id, ${loop}, id, unit, value, 1
        from jsonb_to_recordset(${json}::jsonb) as row (id uuid, unit text, value jsonb)`);
    });
  }
  await db.withLoop(loop, async (tx) => {
    await tx.run(sql`update loop set pulse_number = 1 where name = ${loop}`);
    await tx.run(
      sql`insert into pulse (loop, number, as_of, interactions, feedback) values (${loop}, 1, ${new Date(at)}, ${rows}, ${rows})`,
    );
    await tx.one(z.object({}), sql`select 1`);
  });
}

/** A UUIDv7 of an instant that its number makes unique. */
function idAt(milliseconds: number, number: number): string {
  const time = milliseconds.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

function variant({ question, answer }: { question: string; answer: string }, random: () => number, words: string[]) {
  const parts = answer.split(" ");
  parts[Math.floor(random() * parts.length)] = words[Math.floor(random() * WORDS)]!;
  return { question, answer: parts.join(" ") };
}

const sentence = (random: () => number, words: string[], length: number) =>
  Array.from({ length }, () => words[Math.floor(random() ** 2 * WORDS)]).join(" ");

const CONSONANTS = "bcdfghklmnprstvw";
const VOWELS = "aeiou";
function word(random: () => number): string {
  const of = (letters: string) => letters[Math.floor(random() * letters.length)]!;
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => of(CONSONANTS) + of(VOWELS) + of(CONSONANTS)).join(
    "",
  );
}

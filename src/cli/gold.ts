// ratchet gold: the cases that a candidate must answer as well as the champion.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { readText } from "./json-file.ts";
import { pageOf } from "./page.ts";
import { withReason } from "./reason.ts";
import { counted, figure } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { table } from "./terminal/table.ts";

const message = z.object({ role: z.string(), content: z.unknown().optional() });
const caseShape = z.object({
  gold_set: z.string(),
  name: z.string(),
  definition: z.object({ messages: z.array(message), expected: z.unknown() }),
});

const addedShape = z.object({ added: z.number(), total: z.number() });

export function register(program: Command, context: Context): void {
  const gold = program.command("gold").description("The cases of the offline test: import, list.");
  withReason(gold.command("import"))
    .description("Add the cases of a file, one JSON object a line; one of the same id is replaced.")
    .argument("<file>", 'lines such as {"input":"hi","expected":"hello","scorer":"contains"}')
    .requiredOption("--set <name>", "the gold set they belong to")
    .addHelpText(
      "after",
      '\nExamples:\n  ratchet gold import cases.jsonl --set greetings --reason "cases from support"',
    )
    .action(async (file: string, { set, reason }: { set: string; reason: string }) => {
      const { parseGold } = await import("../evaluation/gold.ts");
      const cases = parseGold(await readText(file));
      const answer = await context.api().post(await loopPath(context, "/gold"), { set, cases, reason });
      context.print(answer, () => {
        const { added, total } = read(addedShape, answer);
        return [`${counted(added, "case")} put into the gold set "${set}", which has ${figure(total)} now.`];
      });
    });
  gold
    .command("list")
    .description("List the cases of a gold set.")
    .option("--set <name>", "which set (default: the one that the settings name)")
    .addHelpText("after", "\nExamples:\n  ratchet gold list --set greetings")
    .action(async ({ set }: { set?: string }) => {
      const answer = await context.api().get(await loopPath(context, "/gold"), { set });
      context.print(answer, () => {
        const { data } = read(pageOf(caseShape), answer);
        if (data.length === 0) return ["No case in this set yet. Add some: ratchet gold import cases.jsonl --set NAME"];
        return table(data, [
          { title: "SET", value: (row) => row.gold_set },
          { title: "CASE", value: (row) => row.name },
          { title: "ASKS", value: (row) => short(row.definition.messages.at(-1)?.content, 28) },
          { title: "EXPECTS", value: (row) => short(row.definition.expected, 60) },
        ]);
      });
    });
}

function short(value: unknown, most: number): string {
  const text = foreignText(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

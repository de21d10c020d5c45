// ratchet model: what can answer, and the role that each has.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { pageOf } from "./page.ts";
import { instant } from "./terminal/figures.ts";
import { facts, table } from "./terminal/table.ts";

const modelShape = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  role: z.string(),
  provider: z.object({ provider: z.string(), baseURL: z.string().nullable(), model: z.string() }),
  examples: z.object({ sha256: z.string(), perRequest: z.number() }).nullable(),
  training_run_id: z.string().nullable(),
  created_at: z.string(),
  role_since: z.string(),
});

export function register(program: Command, context: Context): void {
  const model = program.command("model").description("What can answer, and the role that each has: list, show.");
  model
    .command("list")
    .description("List models, the newest first.")
    .addHelpText("after", "\nExamples:\n  ratchet model list")
    .action(async () => {
      const answer = await context.api().get(await loopPath(context, "/models"));
      context.print(answer, () => {
        const { data } = read(pageOf(modelShape), answer);
        return table(data, [
          { title: "ROLE", value: (row) => row.role },
          { title: "SINCE", value: (row) => instant(row.role_since) },
          { title: "KIND", value: (row) => row.kind },
          { title: "MODEL", value: (row) => row.name },
        ]);
      });
    });
  model
    .command("show")
    .description("Show a model: what it is made of and where it answers.")
    .argument("<model>", "its name or id")
    .addHelpText("after", "\nExamples:\n  ratchet model show demo-v2")
    .action(async (name: string) => {
      const answer = await context.api().get(await loopPath(context, `/models/${encodeURIComponent(name)}`));
      context.print(answer, () => describe(read(modelShape, answer)));
    });
}

function describe(model: z.output<typeof modelShape>): string[] {
  const { provider, examples } = model;
  return [
    model.name,
    ...facts([
      ["id", model.id],
      [
        "kind",
        examples === null
          ? model.kind
          : `${model.kind}: ${examples.perRequest} approved examples in front of each request`,
      ],
      ["role", `${model.role} since ${instant(model.role_since)}`],
      [
        "answers",
        `${provider.model} at ${provider.provider}${provider.baseURL === null ? "" : ` (${provider.baseURL})`}`,
      ],
      ["training run", model.training_run_id],
      ["made", instant(model.created_at)],
    ]),
  ];
}

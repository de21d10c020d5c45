// ratchet experiment plan: whether the traffic can decide, before anything is spent.
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { span } from "../evidence/plan-figures.ts";
import { read } from "./api-client.ts";
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts } from "./terminal/table.ts";

interface Options {
  share?: number;
  minLift?: number;
  days?: number;
}

const planShape = z.object({
  loop: z.string(),
  lines: z.array(z.object({ about: z.string(), words: z.string() })),
  warnings: z.array(z.string()),
  decides: z.boolean(),
  within_days: z.number(),
  max_duration_days: z.number(),
});

export type Plan = z.output<typeof planShape>;

/** Adds `plan` to the commands about experiments. */
export function registerPlan(experiment: Command, context: Context): void {
  experiment
    .command("plan")
    .description("Say what the loop's traffic can show and how long it takes, with its share and with a ramp.")
    .argument("[loop]", "the loop (default: --loop, else the only one there is)")
    .option("--share <fraction>", "with another share of the users, as 0.25", fraction)
    .option("--min-lift <fraction>", "for another least lift, as 0.1 for +10 %", fraction)
    .option("--days <n>", "in so many days, rather than in minDuration", days)
    .addHelpText(
      "after",
      "\nExamples:\n  ratchet experiment plan shop\n  ratchet experiment plan --share 0.25 --days 7",
    )
    .action(async (named: string | undefined, { share, minLift, days }: Options) => {
      const loop = named ?? (await chosenLoop(context));
      const query = { share, min_lift: minLift, days };
      const answer = await context.api().get(`/api/loops/${encodeURIComponent(loop)}/plan`, query);
      context.print(answer, () => describePlan(read(planShape, answer)));
    });
}

/** The loop's plan; while an experiment runs, by what that one has frozen. */
export async function planOf(context: Context, loop: string): Promise<Plan> {
  return read(planShape, await context.api().get(`/api/loops/${encodeURIComponent(loop)}/plan`));
}

function describePlan({ loop, lines, warnings, decides, ...days }: Plan): string[] {
  const tooLong =
    days.within_days > days.max_duration_days
      ? `; ${span(days.within_days)} are longer than an experiment lasts (maxDuration: ${span(days.max_duration_days)})`
      : "";
  return [
    `Loop ${loop}: ${decides ? "the traffic can decide in time" : "the traffic cannot decide in time"}${tooLong}`,
    ...facts([
      ...lines.map(({ about, words }) => [foreignText(about), foreignText(words)] as const),
      ...warnings.map((warning) => ["warning", foreignText(warning)] as const),
    ]),
  ];
}

function fraction(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError("give a fraction between 0 and 1, as 0.1 for 10 %.");
}

function days(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 3650) return value;
  throw new InvalidArgumentError("give a number of days, up to 3650, as 7.");
}

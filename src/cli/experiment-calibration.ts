// ratchet experiment calibration: whether verdicts are as seldom wrong as they promise, on the loop's own traffic.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts } from "./terminal/table.ts";

const shape = z.object({
  loop: z.string(),
  standing: z.boolean(),
  running: z.string().nullable(),
  waits: z.string().nullable().default(null),
  ended: z.number(),
  promoted: z.number(),
  asked: z.number(),
  harmful: z.number(),
  guardrail: z.number(),
  futile: z.number(),
  out_of_time: z.number(),
  cut_short: z.number(),
  alarms: z.array(z.object({ check: z.string(), experiments: z.number() })),
  words: z.string(),
});

/** Adds `calibration` to the commands about experiments. */
export function registerCalibration(experiment: Command, context: Context): void {
  experiment
    .command("calibration")
    .description("Say what the experiments of the champion with itself (A/A) found: chance, or a fault.")
    .argument("[loop]", "the loop (default: --loop, else the only one there is)")
    .addHelpText("after", "\nExamples:\n  ratchet experiment calibration shop\n  ratchet experiment calibration --json")
    .action(async (named: string | undefined) => {
      const loop = named ?? (await chosenLoop(context));
      const answer = await context.api().get(`/api/loops/${encodeURIComponent(loop)}/calibration`);
      context.print(answer, () => describe(read(shape, answer)));
    });
}

function describe(found: z.output<typeof shape>): string[] {
  const { promoted, asked, harmful, guardrail, futile, out_of_time: outOfTime, cut_short: cutShort, alarms } = found;
  return facts([
    ["loop", found.loop],
    ["A/A experiments", foreignText(found.words)],
    [
      "ended",
      found.ended === 0
        ? null
        : `${promoted} would have promoted (${asked} of them with a person's consent), ${harmful} found harm, ${guardrail} a guardrail that failed, ${futile} futile, ${outOfTime} out of time, ${cutShort} cut short`,
    ],
    [
      "alarms",
      alarms.length === 0
        ? null
        : alarms.map(({ check, experiments }) => `${foreignText(check)} in ${experiments}`).join(", "),
    ],
    [
      "now",
      found.running !== null
        ? `experiment ${found.running} is under way`
        : found.standing
          ? found.waits === null
            ? "the next pulse that has nothing else to do begins one"
            : `none is under way, and none begins by itself: it waits ${foreignText(found.waits)}`
          : 'none is under way: ratchet experiment start --aa begins one, and "experiment": {"aa": true} in the settings whenever there is time',
    ],
  ]);
}

// ratchet loop: an assistant's settings, and whether its pulse beats.
import type { Command } from "commander";
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { read } from "./api-client.ts";
import { loopPath } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { readJsonFile } from "./json-file.ts";
import { pageOf } from "./page.ts";
import { withReason } from "./reason.ts";
import { instant } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { table } from "./terminal/table.ts";
import { toldLine } from "./told.ts";

const loopShape = z.object({
  name: z.string(),
  created_at: z.string(),
  settings_version: z.number(),
  paused_at: z.string().nullable(),
  settings: z.looseObject({ model: z.looseObject({ provider: z.string(), name: z.string() }) }),
});

export function register(program: Command, context: Context): void {
  const loop = program
    .command("loop")
    .description("A loop's settings and its pulse: apply, show, list, pause, resume.");
  withReason(loop.command("apply"))
    .description("Make a loop, or change its settings, from a JSON file. Every version is kept.")
    .argument("<file>", "the settings")
    .addHelpText("after", '\nExamples:\n  ratchet loop apply loop.json --reason "wait for 200 ratings"')
    .action(async (file: string, { reason }: { reason: string }) => apply(context, file, reason));
  loop
    .command("show")
    .description("Show a loop's settings, with every default, as `loop apply` takes them.")
    .addHelpText("after", "\nExamples:\n  ratchet loop show > loop.json\n  ratchet loop show --loop demo --json")
    .action(async () => {
      const answer = await context.api().get(await loopPath(context));
      context.print(answer, () => JSON.stringify(read(loopShape, answer).settings, null, 2).split("\n"));
    });
  loop
    .command("list")
    .description("List loops.")
    .addHelpText("after", "\nExamples:\n  ratchet loop list")
    .action(async () => {
      const answer = await context.api().get("/api/loops");
      context.print(answer, () => {
        const { data } = read(pageOf(loopShape), answer);
        if (data.length === 0) return ["No loop yet. Make one: ratchet loop apply loop.json"];
        return table(data, [
          { title: "LOOP", value: (row) => row.name },
          { title: "VERSION", value: (row) => String(row.settings_version), align: "right" },
          {
            title: "PULSE",
            value: (row) => (row.paused_at === null ? "beats" : `paused since ${instant(row.paused_at)}`),
          },
          { title: "BASE MODEL", value: (row) => `${row.settings.model.name} (${row.settings.model.provider})` },
        ]);
      });
    });
  withReason(loop.command("pause"))
    .description("Pause the pulse: no cycle starts by itself. Serving, recording and a running experiment go on.")
    .addHelpText("after", '\nExamples:\n  ratchet loop pause --reason "the provider is moving"')
    .action(({ reason }: { reason: string }) => setPaused(context, "pause", reason));
  withReason(loop.command("resume"))
    .description("Let the pulse beat again.")
    .addHelpText("after", '\nExamples:\n  ratchet loop resume --reason "the provider is back"')
    .action(({ reason }: { reason: string }) => setPaused(context, "resume", reason));
}

async function setPaused(context: Context, verb: "pause" | "resume", reason: string): Promise<void> {
  const answer = await context.api().post(await loopPath(context, `/${verb}`), { reason });
  const note = verb === "pause" ? null : await schedulePaused(context);
  context.print(answer, () => [
    verb === "pause" ? "Paused: no cycle starts by itself." : "Resumed: a pulse starts a cycle again when one is due.",
    ...(note === null ? [] : [`Its schedule is paused in Temporal${note}: unpause it there, or no pulse comes.`]),
    ...toldLine(answer),
  ]);
}

/** The note of whoever paused the schedule in Temporal, in brackets; null when nobody did, or nobody can say. */
async function schedulePaused(context: Context): Promise<string | null> {
  const answer = await context.api().get(await loopPath(context, "/status"));
  const { schedule_paused: note } = read(z.object({ schedule_paused: z.string().nullable() }), answer);
  return note === null || note === "" ? note : ` (${foreignText(note)})`;
}

const appliedShape = loopShape.extend({
  created: z.boolean(),
  changed: z.boolean(),
  warnings: z.array(z.string()).default([]),
  changes: z.array(z.object({ setting: z.string(), before: z.unknown(), after: z.unknown() })),
});

async function apply(context: Context, file: string, reason: string): Promise<void> {
  const settings = unwrapped(await readJsonFile(file));
  const name = nameOf(settings);
  if (context.loop !== undefined && context.loop !== name)
    throw new Fault("invalid", `${file} holds the settings of "${name}", and --loop says "${context.loop}"`, {
      hint: "leave --loop out, or correct the name",
    });
  const answer = await context.api().put(`/api/loops/${encodeURIComponent(name)}`, { settings, reason });
  context.print(answer, () => {
    const { created, changed, changes, warnings, settings_version: version } = read(appliedShape, answer);
    const done = created ? "created" : changed ? `version ${version}` : `unchanged, version ${version}`;
    const differences = changes.map(
      ({ setting, before, after }) => `  ${setting}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    );
    return [
      `Loop ${name}: ${done}.`,
      ...differences,
      ...warnings.map((words) => `Warning: ${foreignText(words)}.`),
      ...toldLine(answer),
    ];
  });
}

/** What `loop show --json` prints holds the settings beside other things. */
function unwrapped(document: unknown): unknown {
  return typeof document === "object" && document !== null && "settings" in document ? document.settings : document;
}

function nameOf(settings: unknown): string {
  const name = typeof settings === "object" && settings !== null ? (settings as { name?: unknown }).name : undefined;
  if (typeof name === "string" && name !== "") return name;
  throw new Fault("invalid", 'the settings have no "name"', { hint: 'add the loop\'s name, as {"name": "helpem", …}' });
}

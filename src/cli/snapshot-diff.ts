// ratchet snapshot diff: what changed from one training set to the next.
import type { Command } from "commander";
import { z } from "zod";
import { read } from "./api-client.ts";
import type { Context } from "./context.ts";
import { dropInWords } from "./drop-in-words.ts";
import { counted, figure, instant, percent, size } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts, table, wrap } from "./terminal/table.ts";

const change = <Value extends z.ZodType>(value: Value) => z.object({ from: value, to: value });
const number = z.number();
const counts = { ...change(number).shape, from_share: number.nullable(), to_share: number.nullable() };
const snapshot = z.object({ id: z.string(), created_at: z.string() });
const diversity = z
  .object({ sampled: number, distinct_2: number.nullable(), people: number, effective_actions: number })
  .nullable();
const file = z.object({ sha256: z.string(), bytes: number, examples: number }).nullable();

const diffShape = z.object({
  from: snapshot,
  to: snapshot,
  examples: z.object({ in_both: number, from_only: number, to_only: number }),
  settings: z.array(z.object({ name: z.string(), from: z.unknown(), to: z.unknown() })),
  recipe: change(z.string().nullable()).nullable(),
  watermark: change(number),
  code_version: change(z.string()).nullable(),
  seed: change(z.string()).nullable(),
  considered: change(number),
  kept: change(number),
  tokens: change(number.nullable()),
  dropped: z.array(z.object({ rule: z.string(), ...counts })),
  by_action_type: z.array(z.object({ action: z.string(), ...counts })),
  redactions: z.array(z.object({ type: z.string(), from: number, to: number })),
  own_outputs: change(number.nullable()),
  corrections: change(number.nullable()),
  rehearsed: change(number.nullable()),
  diversity: change(diversity),
  narrowed: z.array(z.string()),
  files: z.array(z.object({ role: z.string(), from: file, to: file })),
});
type Diff = z.output<typeof diffShape>;

const WIDTH = 80;
/** More actions than these are left to --json: those whose share moved most are shown. */
const ACTIONS = 20;

export function register(snapshot: Command, context: Context): void {
  snapshot
    .command("diff")
    .description("Show what changed from one snapshot to another of the same loop.")
    .argument("<a>", "the earlier snapshot")
    .argument("<b>", "the later one")
    .addHelpText(
      "after",
      "\nExamples:\n  ratchet snapshot diff 019ab3c4-0000-7000-8000-000000000001 019ab7d1-0000-7000-8000-000000000002",
    )
    .action(async (a: string, b: string) => {
      const path = `/api/snapshots/${encodeURIComponent(a)}/diff/${encodeURIComponent(b)}`;
      const answer = await context.api().get(path, { loop: context.loop });
      context.print(answer, () => describeDiff(read(diffShape, answer)));
    });
}

export function describeDiff(diff: Diff): string[] {
  const { examples, narrowed } = diff;
  return [
    `From ${diff.from.id}, made ${instant(diff.from.created_at)}`,
    `to   ${diff.to.id}, made ${instant(diff.to.created_at)}`,
    ...facts([
      [
        "examples",
        `${figure(examples.in_both)} in both, ${figure(examples.from_only)} only in the first, ${figure(examples.to_only)} only in the second`,
      ],
      ["kept", `${arrow(diff.kept)}, of ${arrow(diff.considered)} considered`],
      ["tokens", arrow(diff.tokens)],
      ...compositionOf(diff),
      ["pulse", arrow(diff.watermark)],
      ["recipe", diff.recipe && `${diff.recipe.from ?? "none"} → ${diff.recipe.to ?? "none"}`],
      ["seed", diff.seed && `${diff.seed.from} → ${diff.seed.to}`],
      ["code", diff.code_version && `${diff.code_version.from} → ${diff.code_version.to}`],
      ["replaced", replaced(diff)],
    ]),
    ...(narrowed.length === 0 ? [] : ["", "It narrowed.", ...narrowed.flatMap((sentence) => wrap(sentence, WIDTH))]),
    ...settingsOf(diff),
    ...droppedOf(diff),
    ...actionsOf(diff),
    ...filesOf(diff),
  ];
}

function compositionOf({ diversity: { from, to }, ...diff }: Diff): [string, string | null][] {
  const measured = from !== null || to !== null;
  const of = (name: "people" | "effective_actions" | "sampled") => ({
    from: rounded(from?.[name] ?? null),
    to: rounded(to?.[name] ?? null),
  });
  const pairs = (one: Diff["diversity"]["from"]) => (one?.distinct_2 == null ? "unknown" : percent(one.distinct_2));
  return [
    ["people", measured ? arrow(of("people")) : null],
    ["own outputs", unlessUnknown(diff.own_outputs)],
    ["corrections", unlessUnknown(diff.corrections)],
    ["rehearsed", unlessUnknown(diff.rehearsed)],
    [
      "diversity",
      measured
        ? `${ifChanged(pairs(from), pairs(to))} of the pairs of words in ${arrow(of("sampled"))} answers are different`
        : null,
    ],
    ["", measured ? `actions as varied as ${arrow(of("effective_actions"))} equally frequent ones` : null],
  ];
}

function replaced({ redactions }: Diff): string | null {
  if (redactions.length === 0) return null;
  return redactions.map(({ type, ...one }) => `${foreignText(type)} ${arrow(one)}`).join(", ");
}

function settingsOf({ settings }: Diff): string[] {
  if (settings.length === 0) return ["", "The same settings."];
  return [
    "",
    ...table(settings, [
      { title: "SETTING", value: ({ name }) => foreignText(name) },
      { title: "FROM", value: ({ from }) => short(from) },
      { title: "TO", value: ({ to }) => short(to) },
    ]),
  ];
}

function droppedOf({ dropped }: Diff): string[] {
  if (dropped.length === 0) return [];
  return [
    "",
    ...table(dropped, [
      { title: "DROPPED", value: arrow, align: "right" },
      { title: "OF CONSIDERED", value: shares, align: "right" },
      {
        title: "WHY",
        value: ({ rule, to }) => (rule === "below-quality" ? "below the least quality" : dropInWords(rule, to, {})),
      },
    ]),
  ];
}

function actionsOf({ by_action_type: actions }: Diff): string[] {
  if (actions.length === 0) return [];
  const moved = (one: (typeof actions)[number]) => Math.abs((one.to_share ?? 0) - (one.from_share ?? 0));
  const rows = [...actions].sort((a, b) => moved(b) - moved(a) || (a.action < b.action ? -1 : 1));
  const more = rows.length - ACTIONS;
  return [
    "",
    ...table(rows.slice(0, ACTIONS), [
      { title: "KEPT", value: arrow, align: "right" },
      { title: "OF KEPT", value: shares, align: "right" },
      { title: "ACTION", value: ({ action }) => (action === "" ? "(none)" : foreignText(action)) },
    ]),
    ...(more > 0 ? [`… and ${counted(more, "action")} more: add --json`] : []),
  ];
}

function filesOf({ files }: Diff): string[] {
  if (files.length === 0) return ["", "The same files, to the byte."];
  const described = (one: Diff["files"][number]["from"]) =>
    one === null ? "none" : `${counted(one.examples, "line")}, ${size(one.bytes)}`;
  return [
    "",
    ...table(files, [
      { title: "FILE", value: ({ role }) => foreignText(role) },
      { title: "FROM", value: ({ from }) => described(from) },
      { title: "TO", value: ({ to }) => described(to) },
    ]),
  ];
}

function arrow({ from, to }: { from: number | null; to: number | null }): string {
  const words = (value: number | null) => (value === null ? "unknown" : figure(value));
  return ifChanged(words(from), words(to));
}

const ifChanged = (from: string, to: string) => (from === to ? from : `${from} → ${to}`);
const unlessUnknown = (one: { from: number | null; to: number | null }) =>
  one.from === null && one.to === null ? null : arrow(one);
const shares = (one: { from_share: number | null; to_share: number | null }) =>
  ifChanged(
    ...([one.from_share, one.to_share].map((share) => (share === null ? "-" : percent(share))) as [string, string]),
  );

function short(value: unknown): string {
  const text = foreignText(JSON.stringify(value) ?? "null");
  return text.length <= 30 ? text : `${text.slice(0, 29).toWellFormed()}…`;
}

const rounded = (value: number | null) => value && Math.round(value * 100) / 100;

// A snapshot in words, as `ratchet snapshot show` prints it. Older ones say less, and then so does this.
import { z } from "zod";
import { type ManifestRead, readManifest, tokensOf } from "../snapshot/read-manifest.ts";
import { read } from "./api-client.ts";
import { dropInWords } from "./drop-in-words.ts";
import { counted, figure, instant, percent, size } from "./terminal/figures.ts";
import { foreignText } from "./terminal/plain.ts";
import { facts, table } from "./terminal/table.ts";

export const snapshotShape = z.object({
  id: z.string(),
  cycle_id: z.string(),
  watermark: z.number(),
  manifest_sha256: z.string(),
  examples: z.number(),
  created_at: z.string(),
});
const whole = snapshotShape.extend({
  manifest: z.unknown(),
  files: z.array(
    z.object({
      name: z.string(),
      sha256: z.string(),
      bytes: z.number(),
      examples: z.number(),
      role: z.string().optional(),
      tokens: z.number().optional(),
    }),
  ),
});
type Whole = z.output<typeof whole>;

const ROLES = ["training", "validation", "examples", "preferences", "rejected"];
/** More actions than these are left to --json. */
const ACTIONS = 20;

/** The lines of the API's answer. */
export function describeSnapshot(answer: unknown): string[] {
  const snapshot = read(whole, answer);
  const manifest = readManifest(snapshot.manifest);
  const made = `${instant(snapshot.created_at)}, from what pulse ${snapshot.watermark} had seen`;
  const origin: [string, string][] = [
    ["cycle", snapshot.cycle_id],
    ["manifest", snapshot.manifest_sha256],
  ];
  if (manifest === null)
    return [
      `Snapshot ${snapshot.id}: ${counted(snapshot.examples, "example")}`,
      ...facts([["made", made], ...origin]),
      ...filesOf(snapshot),
    ];
  const tokens = tokensOf(manifest);
  return [
    `Snapshot ${snapshot.id}`,
    `${figure(manifest.kept)} of ${counted(manifest.considered, "interaction")} kept${tokens === null ? "" : `, ${counted(tokens, "token")}`}`,
    ...facts([["made", made], ...compositionOf(manifest), ...origin, ["made with", madeWith(manifest)]]),
    ...droppedOf(manifest),
    ...actionsOf(manifest),
    ...filesOf(snapshot),
  ];
}

function compositionOf(manifest: ManifestRead): [string, string | null][] {
  const { diversity, rehearsed, own_outputs: own, corrections, gold, kept } = manifest;
  const ofKept = (count: number | null, words: string) =>
    count === null ? null : `${figure(count)} of ${figure(kept)} ${words}`;
  return [
    ["people", diversity === null ? null : figure(diversity.people)],
    ["own outputs", ofKept(own, "are answers of models that this loop trained")],
    ["corrections", ofKept(corrections, "were written by people in place of an answer")],
    [
      "rehearsed",
      rehearsed === null || !isRehearsed(manifest)
        ? null
        : `${figure(rehearsed.examples)} repeated from before the window`,
    ],
    ["diversity", diversity === null ? null : diversityOf(diversity)],
    ["replaced", replaced(manifest)],
    ["gold set", gold === null ? null : `${counted(gold.cases, "case")} held against`],
    ["one run", costs(manifest)],
  ];
}

/** Where everything is in the window there is nothing before it. */
function isRehearsed({ settings, rehearsed }: ManifestRead): boolean {
  return (settings.window ?? null) !== null || (rehearsed?.examples ?? 0) > 0;
}

function diversityOf({ sampled, distinct_2, effective_actions }: NonNullable<ManifestRead["diversity"]>): string {
  const words =
    distinct_2 === null
      ? "answers of single words"
      : `${percent(distinct_2)} of the pairs of words in ${counted(sampled, "answer")} are different`;
  return `${words}; actions as varied as ${Math.round(effective_actions * 100) / 100} equally frequent ones`;
}

function replaced({ redactions, recipe }: ManifestRead): string {
  const found = Object.entries(redactions).sort(([a], [b]) => (a < b ? -1 : 1));
  if (found.length > 0) return found.map(([type, count]) => `${foreignText(type)} ${figure(count)}`).join(", ");
  return recipe?.redact === "none" ? "nothing: no personal data was looked for" : "no personal data was found";
}

function costs({ estimated_usd: usd }: ManifestRead): string | null {
  if (usd === null) return null;
  return Object.entries(usd)
    .map(([trainer, cost]) => `${trainer} ${cost === null ? "at a price nobody knows" : `about $${cost.toFixed(2)}`}`)
    .join(", ");
}

function madeWith({ recipe, seed, code_version: code, format }: ManifestRead): string {
  const prepared = recipe === null ? `format ${format}` : `recipe ${recipe.id}`;
  return `${prepared}, seed ${seed}, code ${code}`;
}

function droppedOf({ dropped, settings, considered }: ManifestRead): string[] {
  const rows = Object.entries(dropped)
    .filter(([, count]) => count > 0)
    .sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
  if (rows.length === 0) return ["", considered === 1 ? "It is in." : `All ${figure(considered)} are in.`];
  return [
    "",
    ...table(rows, [
      { title: "DROPPED", value: ([, count]) => figure(count), align: "right" },
      { title: "RULE", value: ([rule]) => foreignText(rule) },
      { title: "IN WORDS", value: ([rule, count]) => dropInWords(rule, count, settings) },
    ]),
  ];
}

function actionsOf({ by_action_type: actions, kept }: ManifestRead): string[] {
  const rows = Object.entries(actions).sort(([a, left], [b, right]) => right.after - left.after || (a < b ? -1 : 1));
  if (rows.length === 0) return [];
  const more = rows.length - ACTIONS;
  return [
    "",
    ...table(rows.slice(0, ACTIONS), [
      { title: "CONSIDERED", value: ([, { before }]) => figure(before), align: "right" },
      { title: "KEPT", value: ([, { after }]) => figure(after), align: "right" },
      { title: "OF ALL", value: ([, { after }]) => (kept === 0 ? "-" : percent(after / kept)), align: "right" },
      { title: "ACTION", value: ([action]) => (action === "" ? "(none)" : foreignText(action)) },
    ]),
    ...(more > 0 ? [`… and ${counted(more, "action")} more: add --json`] : []),
  ];
}

/** A hash stands on a line of its own: whole, to be compared and copied. */
function filesOf({ files }: Whole): string[] {
  const place = ({ role, name }: Whole["files"][number]) =>
    role === undefined ? ROLES.length + Number(!/\.jsonl$/.test(name)) : ROLES.indexOf(role);
  const ordered = files.toSorted((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
  return ordered.flatMap(({ name, role, sha256, bytes, examples, tokens }) => [
    "",
    foreignText(name),
    `  ${[
      ...(role === undefined && /\.(json|md)$/.test(name) ? [] : [counted(examples, "line")]),
      ...(tokens === undefined ? [] : [counted(tokens, "token")]),
      size(bytes),
    ].join(", ")}`,
    `  sha256 ${sha256}`,
  ]);
}

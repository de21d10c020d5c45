// The page that a person reads beside the files: what is in the training set, what was left out and why. Says nothing that
// the manifest does not.
import { canonicalJson } from "../domain/canonical-json.ts";
import { DROP_RULES, dropPhrase } from "./drop-words.ts";
import type { Manifest } from "./manifest.ts";

/** Markdown. */
export function cardOf(manifest: Manifest, sha256: string): string {
  const { loop, considered, kept, diversity } = manifest;
  const day = manifest.created_for.slice(0, 10);
  return `${[
    `# Training snapshot of ${loop}, ${day}${manifest.number_of_day === 1 ? "" : ` (${manifest.number_of_day})`}`,
    `${figure(kept)} of ${figure(considered)} interactions that people rated, or that may teach unrated, as they stood at pulse ${manifest.watermark} (${manifest.created_for}).`,
    "## Files",
    table(
      ["file", "lines", "tokens", "bytes", "SHA-256"],
      manifest.files.map((file) => [
        file.name,
        figure(file.examples),
        file.tokens === undefined ? "" : figure(file.tokens),
        figure(file.bytes),
        `\`${file.sha256.slice(0, 16)}…\``,
      ]),
    ),
    "Trainers get the training and the validation file; the others stay in the house. A model that learns in context looks its examples up. Preferences (pairs of answers to one question) and rejected answers are what other formats are written from: `ratchet snapshot export`. No person and no conversation stands on both sides.",
    "## What was left out, and why",
    droppedOf(manifest),
    "## What it consists of",
    table(
      ["action", "considered", "kept"],
      Object.entries(manifest.by_action_type)
        .toSorted(([left, a], [right, b]) => b.after - a.after || (left < right ? -1 : 1))
        .map(([action, { before, after }]) => [
          inCell(action === "" ? "(none)" : action),
          figure(before),
          figure(after),
        ]),
    ),
    list([
      `${figure(diversity.people)} people; actions as varied as ${diversity.effective_actions} equally frequent ones`,
      diversity.distinct_2 === null
        ? "answers of single words: no pairs of words to tell apart"
        : `${Math.round(diversity.distinct_2 * 100)} % of the pairs of words in ${figure(diversity.sampled)} answers are different`,
      `${figure(manifest.own_outputs)} answers of models that this loop trained, ${figure(manifest.corrections)} written by people in place of an answer`,
      ...windowOf(manifest),
      `${figure(manifest.rejected_across_sides)} answers that people rated down are left out, or not paired: what they preferred stands on the other side`,
    ]),
    "## Personal data",
    redactedOf(manifest),
    "## Cost of one run",
    list(
      byName(manifest.estimated_usd).map(
        ([trainer, usd]) => `${trainer}: ${usd === null ? "nobody knows its price" : `about $${usd.toFixed(2)}`}`,
      ),
    ),
    "## To make it again",
    list([
      `recipe \`${manifest.recipe.id}\`, seed \`${manifest.seed}\`, watermark ${manifest.watermark}, code ${manifest.code_version}`,
      manifest.gold === null
        ? "held against no gold set"
        : `held against ${figure(manifest.gold.cases)} gold cases (\`${manifest.gold.sha256.slice(0, 16)}…\`)`,
      `manifest \`${sha256}\``,
      `settings \`${canonicalJson(manifest.settings)}\``,
    ]),
  ].join("\n\n")}\n`;
}

/** What the window is, where there is one, and what is repeated from before it. */
function windowOf({ window_from: pulse, window_since: since, rehearsed, settings }: Manifest): string[] {
  const opens = since ?? (pulse === null ? null : `pulse ${pulse}`);
  const repeated = `${figure(rehearsed.examples)} repeated, so that they are not forgotten`;
  if (opens !== null) return [`a window that opens at ${opens}; ${repeated} from before it`];
  return settings.rehearsalFile === null ? [] : [`${repeated} from a file`];
}

function droppedOf({ dropped, settings, kept, considered }: Manifest): string {
  const rows = DROP_RULES.filter((rule) => (dropped[rule] ?? 0) > 0).map((rule) => [
    `\`${rule}\``,
    figure(dropped[rule]!),
    dropPhrase(rule, dropped[rule]!, Number(settings.minQuality)),
  ]);
  if (rows.length === 0) return `Nothing: all ${figure(considered)} are in.`;
  return `${table(["rule", "rows", "in words"], rows)}\n\n${figure(considered - kept)} in all.`;
}

function redactedOf({ redactions, recipe }: Manifest): string {
  const what = recipe.redact === "all" || recipe.redact === "none" ? recipe.redact : recipe.redact.join(", ");
  const found = byName(redactions);
  const stays = recipe.allow.length === 0 ? "" : ` What stays: ${recipe.allow.map(inCell).join(", ")}.`;
  const looked = recipe.redact === "none" ? "Nothing was looked for." : `Looked for: ${what}.${stays}`;
  if (found.length === 0) return `${looked} Nothing was replaced.`;
  return `${looked} Replaced by numbered placeholders:\n\n${list(found.map(([type, count]) => `${type}: ${figure(count)}`))}`;
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

const list = (entries: readonly string[]) => entries.map((entry) => `- ${entry}`).join("\n");
const figure = (count: number) => count.toLocaleString("en-US");
/** An action's name is an application's word: it may hold anything. */
const inCell = (text: string) => text.replace(/[|\r\n`<>\\]/g, " ");

/** A manifest that was kept may have its keys in another order. */
function byName<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

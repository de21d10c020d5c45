// What is different between two snapshots of a loop, as far as their manifests say; what is the same is not repeated.
import { canonicalJson } from "../domain/canonical-json.ts";
import type { Diversity } from "./diversity.ts";
import { narrowed } from "./narrowed.ts";
import { type ManifestRead, tokensOf } from "./read-manifest.ts";

/** In one and in the other; null: it does not say. */
export interface Change<Value = number | null> {
  readonly from: Value;
  readonly to: Value;
}

/** A count that changed, or its share: from 0 to 1, of what was considered (dropped) or kept (actions); null of nothing. */
export interface CountChange extends Change<number> {
  readonly from_share: number | null;
  readonly to_share: number | null;
}

export interface FileChange {
  readonly role: string;
  readonly from: FileRead | null;
  readonly to: FileRead | null;
}

interface FileRead {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly examples: number;
}

/** In the API's spelling, since it is served as it is. Lists are in the order of names. */
export interface ManifestDiff {
  /** What decided the content: settings by name, and how rows were prepared ("recipe.redact"). Undefined values are null. */
  readonly settings: readonly ({ readonly name: string } & Change<unknown>)[];
  readonly recipe: Change<string | null> | null;
  readonly watermark: Change<number>;
  readonly code_version: Change<string> | null;
  readonly seed: Change<string> | null;
  readonly gold: Change<ManifestRead["gold"]> | null;
  readonly considered: Change<number>;
  readonly kept: Change<number>;
  readonly tokens: Change;
  readonly dropped: readonly ({ readonly rule: string } & CountChange)[];
  /** Of what was kept. An interaction without an action is counted under "". */
  readonly by_action_type: readonly ({ readonly action: string } & CountChange)[];
  readonly redactions: readonly ({ readonly type: string } & Change<number>)[];
  readonly own_outputs: Change;
  readonly corrections: Change;
  readonly rehearsed: Change;
  readonly diversity: Change<Diversity | null>;
  /** A sentence for each way in which it narrowed. */
  readonly narrowed: readonly string[];
  readonly files: readonly FileChange[];
}

/** From `a` to `b`. */
export function diffManifests(a: ManifestRead, b: ManifestRead): ManifestDiff {
  const both = <Value>(value: (manifest: ManifestRead) => Value): Change<Value> => ({ from: value(a), to: value(b) });
  return {
    settings: valueChanges(decided(a), decided(b)).map(({ key, ...change }) => ({ name: key, ...change })),
    recipe: ifChanged(both(({ recipe }) => recipe?.id ?? null)),
    watermark: both(({ watermark }) => watermark),
    code_version: ifChanged(both((one) => one.code_version)),
    seed: ifChanged(both(({ seed }) => seed)),
    gold: ifChanged(both(({ gold }) => gold)),
    considered: both(({ considered }) => considered),
    kept: both(({ kept }) => kept),
    tokens: both(tokensOf),
    dropped: countChanges(
      a.dropped,
      b.dropped,
      both(({ considered }) => considered),
    ).map(({ key, ...change }) => ({
      rule: key,
      ...change,
    })),
    by_action_type: countChanges(
      keptBy(a),
      keptBy(b),
      both(({ kept }) => kept),
    ).map(({ key, ...change }) => ({
      action: key,
      ...change,
    })),
    redactions: namesOf(a.redactions, b.redactions)
      .map((type) => ({ type, from: countOf(a.redactions, type), to: countOf(b.redactions, type) }))
      .filter(({ from, to }) => from !== to),
    own_outputs: both((one) => one.own_outputs),
    corrections: both(({ corrections }) => corrections),
    rehearsed: both(({ rehearsed }) => rehearsed?.examples ?? null),
    diversity: both(({ diversity }) => diversity),
    narrowed: narrowed(a.diversity, b.diversity),
    files: fileChanges(a, b),
  };
}

/** All that decides a snapshot's content besides its rows, flat. */
function decided({ settings, recipe }: ManifestRead): Record<string, unknown> {
  const prepared = Object.entries(recipe ?? {}).filter(([name]) => name !== "id");
  return { ...settings, ...Object.fromEntries(prepared.map(([name, value]) => [`recipe.${name}`, value])) };
}

function valueChanges(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) {
  return namesOf(a, b)
    .map((key) => ({ key, from: settingOf(a, key), to: settingOf(b, key) }))
    .filter((change) => ifChanged(change) !== null);
}

/** Counts by name, where the count or its share is another. */
function countChanges(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>, all: Change<number>) {
  return namesOf(a, b)
    .map((key) => {
      const [from, to] = [countOf(a, key), countOf(b, key)];
      return { key, from, to, from_share: shareOf(from, all.from), to_share: shareOf(to, all.to) };
    })
    .filter((change) => change.from !== change.to || change.from_share !== change.to_share);
}

function keptBy({ by_action_type: actions }: ManifestRead): Record<string, number> {
  return Object.fromEntries(Object.entries(actions).map(([action, { after }]) => [action, after]));
}

function fileChanges(a: ManifestRead, b: ManifestRead): FileChange[] {
  const file = ({ files }: ManifestRead, role: string): FileRead | null => {
    const found = files.find((one) => one.role === role);
    if (found === undefined) return null;
    const { name, sha256, bytes, examples } = found;
    return { name, sha256, bytes, examples };
  };
  const roles = [...new Set([...a.files, ...b.files].map(({ role }) => role))];
  return roles
    .map((role) => ({ role, from: file(a, role), to: file(b, role) }))
    .filter(({ from, to }) => from?.sha256 !== to?.sha256);
}

function ifChanged<Value>(change: Change<Value>): Change<Value> | null {
  return canonicalJson(change.from) === canonicalJson(change.to) ? null : change;
}

function namesOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

/** An action may be named as a property of every object is. */
function settingOf(values: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}

const countOf = (counts: Readonly<Record<string, number>>, name: string) =>
  Object.hasOwn(counts, name) ? counts[name]! : 0;
const shareOf = (count: number, all: number) => (all === 0 ? null : Math.round((count / all) * 1e4) / 1e4);

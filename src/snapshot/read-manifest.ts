// Reads the manifest of a snapshot of any age: what older ones did not say yet is null.
import { z } from "zod";

const count = z.number();
const counts = z.record(z.string(), count);

const manifest = z.looseObject({
  /** "ratchet-snapshot/2"; 1 says less. */
  format: z.string(),
  loop: z.string(),
  created_for: z.string(),
  number_of_day: count.default(1),
  settings: z.record(z.string(), z.unknown()),
  recipe: z.looseObject({ id: z.string() }).nullable().default(null),
  watermark: count,
  window_from: count.nullable().default(null),
  code_version: z.string(),
  seed: z.string(),
  gold: z.object({ cases: count, sha256: z.string() }).nullable().default(null),
  files: z.array(
    z.looseObject({
      name: z.string(),
      role: z.string(),
      sha256: z.string(),
      bytes: count,
      examples: count,
      tokens: count.optional(),
    }),
  ),
  considered: count,
  kept: count,
  dropped: counts,
  by_action_type: z.record(z.string(), z.object({ before: count, after: count })),
  redactions: counts,
  own_outputs: count.nullable().default(null),
  corrections: count.nullable().default(null),
  rehearsed: z.object({ examples: count, sha256: z.string().nullable() }).nullable().default(null),
  diversity: z
    .object({
      sampled: count,
      distinct_2: count.nullable(),
      people: count,
      actions: count,
      effective_actions: count,
    })
    .nullable()
    .default(null),
  estimated_usd: z.record(z.string(), count.nullable()).nullable().default(null),
});

/** A manifest as far as it says something. */
export type ManifestRead = z.output<typeof manifest>;

/** Null for what is no manifest. */
export function readManifest(value: unknown): ManifestRead | null {
  return manifest.safeParse(value).data ?? null;
}

/** Of the files that go to trainers; null where nobody counted them. */
export function tokensOf({ files }: Pick<ManifestRead, "files">): number | null {
  const counted = files.flatMap(({ tokens }) => (tokens === undefined ? [] : [tokens]));
  return counted.length === 0 ? null : counted.reduce((sum, tokens) => sum + tokens, 0);
}

/** Whether its training lines say which answers are learned: the first format's do not, and teach the last one alone. */
export function saysWhatIsLearned({ format }: Pick<ManifestRead, "format">): boolean {
  return format !== "ratchet-snapshot/1";
}

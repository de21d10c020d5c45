// A file of a snapshot as it is written: lines are numbered, and what they add up to is known at its end.
import type { FileSink, OpenFile } from "./files.ts";
import type { ManifestFile, SnapshotRole } from "./manifest.ts";

/** Where an example stands: the way back from a line to its interaction. Lines count from 1. */
export interface SnapshotLine {
  readonly file: string;
  readonly line: number;
  readonly interactionId: string;
  /** The rating that spoke for it, or wrote it; null: nobody rated it. */
  readonly feedbackId: string | null;
}

export interface OpenedFile {
  readonly name: string;
  /** Adds a line and returns its number. */
  add(line: string, tokens: number): number;
  flush(): Promise<void>;
  close(): Promise<ManifestFile>;
}

/** Opens a file for lines. */
export async function startFile(open: OpenFile, name: string, role: SnapshotRole): Promise<OpenedFile> {
  const sink: FileSink = await open(name);
  let waiting: string[] = [];
  let lines = 0;
  let tokens = 0;
  return {
    name,
    add(line, count) {
      waiting.push(line, "\n");
      tokens += count;
      lines += 1;
      return lines;
    },
    async flush() {
      const text = waiting.join("");
      waiting = [];
      if (text !== "") await sink.write(text);
    },
    async close() {
      const { sha256, bytes } = await sink.close();
      return {
        name,
        role,
        sha256,
        bytes,
        examples: lines,
        ...(role === "training" || role === "validation" ? { tokens } : {}),
      };
    },
  };
}

/** An interaction and the rating that spoke of it. */
export type Origin = readonly [interactionId: string, feedbackId: string | null];

/** A file that is there only when something is written into it. */
export function lazily(name: string, open: () => Promise<OpenedFile>) {
  const waiting: string[] = [];
  let lines = 0;
  let file: OpenedFile | null = null;
  return {
    /** Adds a line, and says where it comes from; nothing for null. */
    add(line: string | null, origins: readonly Origin[]): SnapshotLine[] {
      if (line === null) return [];
      waiting.push(line);
      lines += 1;
      return origins.map(([interactionId, feedbackId]) => ({ file: name, line: lines, interactionId, feedbackId }));
    },
    async flush(): Promise<void> {
      if (waiting.length === 0) return;
      file ??= await open();
      for (const line of waiting.splice(0)) file.add(line, 0);
      await file.flush();
    },
    async close(): Promise<ManifestFile[]> {
      return file === null ? [] : [await file.close()];
    },
  };
}

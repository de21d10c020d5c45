// Where the lines of a snapshot's files go; what became of them is known when a file is closed.

export interface ClosedFile {
  readonly sha256: string;
  readonly bytes: number;
}

export interface FileSink {
  /** Adds text to the file's end. */
  write(text: string): Promise<void>;
  close(): Promise<ClosedFile>;
}

/** Opens a new file. The name is the snapshot's own. */
export type OpenFile = (name: string) => Promise<FileSink>;

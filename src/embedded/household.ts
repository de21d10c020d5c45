// What the parts of one start share: who keeps them running, where they write, how they are heard.
import type { DataFolder } from "./data-folder.ts";
import type { Ports } from "./ports.ts";
import type { Progress } from "./progress.ts";
import type { Supervisor } from "./supervisor.ts";

export interface Household {
  readonly supervisor: Supervisor;
  readonly progress: Progress;
  readonly data: DataFolder;
  readonly ports: Ports;
  /** Aborted when everything is being stopped. */
  readonly stopping: AbortSignal;
}

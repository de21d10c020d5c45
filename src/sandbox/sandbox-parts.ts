// What the routes share: the libraries, the faults, the tally and the clock of one running sandbox.
import type { MiddlewareHandler } from "hono";
import type { Route } from "./fault-document.ts";
import type { FaultPlan } from "./fault-plan.ts";
import type { FileLibrary } from "./file-library.ts";
import type { Environment } from "./guard.ts";
import type { Job } from "./job-life.ts";
import type { JobRunner } from "./job-runner.ts";
import type { ModelLibrary } from "./model-library.ts";
import type { Shelf } from "./shelf.ts";
import type { Tally } from "./tally.ts";

export interface SandboxParts {
  readonly models: ModelLibrary;
  readonly files: FileLibrary;
  readonly jobs: Shelf<Job>;
  readonly runner: JobRunner;
  readonly faults: FaultPlan;
  readonly tally: Tally;
  readonly clock: () => number;
  /** How long an ordinary job takes from creation to success. */
  readonly jobMilliseconds: number;
  /** The middleware that every route of the API stands behind. */
  readonly guarded: (route: Route) => MiddlewareHandler<Environment>;
}

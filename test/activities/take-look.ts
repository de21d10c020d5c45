// A look as the worker takes it, without a workflow.
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import type { ActivityDeps } from "../../src/activities/deps.ts";
import { lookActivities } from "../../src/activities/look.ts";
import type { ExperimentStanding } from "../../src/activities/standing.ts";
import type { Workflows } from "../../src/client.ts";
import type { Database } from "../../src/db/database.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { UNMEASURED } from "../../src/telemetry/meter.ts";
import { hours } from "../store/loop-fixture.ts";

/** The look of this number, so many hours after AT; the provider is not there, which says nothing about a model, and nobody has reset anything. */
export function takeLook(
  db: Database,
  of: { loop: string; experimentId: string },
  number: number,
  after: number,
): Promise<ExperimentStanding> {
  const deps = {
    db,
    providers: createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: null } }),
    log: pino({ level: "silent" }),
    workflows: {
      see: async () => ({ state: "running", run: "the first", reset: false }),
    } as Partial<Workflows> as Workflows,
    meter: UNMEASURED,
  } as Partial<ActivityDeps> as ActivityDeps;
  const asOf = hours(after).getTime();
  return new MockActivityEnvironment().run(() =>
    lookActivities(deps).look({ ...of, number, asOf }),
  ) as Promise<ExperimentStanding>;
}

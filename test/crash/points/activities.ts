// Points around every activity, whatever there will be: when it begins, and when its result is there and not told.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import worker, { type WorkerOptions, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { Scope } from "./scope.ts";

type Activity = (input: { loop?: string }) => Promise<unknown>;

/** Wraps the activities of the worker that is about to be made. */
export function watchActivities(): void {
  const create = worker.Worker.create;
  worker.Worker.create = (options: WorkerOptions) =>
    create.call(worker.Worker, { ...options, activities: watched((options.activities ?? {}) as never) });
}

function watched(activities: Record<string, Activity>): Record<string, Activity> {
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, watch(name, activity)]));
}

function watch(name: string, activity: Activity): Activity {
  return async (input) => {
    const scope = new Scope(name, input.loop ?? "");
    return scope.run(async () => {
      await scope.pass(null, "begins", { input });
      try {
        const result = await activity(input);
        await scope.pass(null, "done, not told");
        return result;
      } catch (error) {
        await scope.pass(null, "failed, not told");
        throw error;
      }
    });
  };
}

/** Workflows are bundled once for all the workers of a run: making the same bundle again takes seconds. */
export function bundleOnce(path: string): void {
  const { WorkflowCodeBundler } = createRequire(import.meta.url)("@temporalio/worker/lib/workflow/bundler.js") as {
    WorkflowCodeBundler: { prototype: { createBundle(): Promise<WorkflowBundleWithSourceMap> } };
  };
  const make = WorkflowCodeBundler.prototype.createBundle;
  WorkflowCodeBundler.prototype.createBundle = async function () {
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as WorkflowBundleWithSourceMap;
    const bundle = await make.call(this);
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(bundle));
    renameSync(`${path}.${process.pid}`, path);
    return bundle;
  };
}

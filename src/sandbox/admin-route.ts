// /_sandbox: faults on and off, what happened so far, and a model's last day. No part of OpenAI's protocol.
import { Hono } from "hono";
import { z } from "zod";
import { ApiError, parseBody, readJson } from "./api-error.ts";
import { parseFaults } from "./fault-document.ts";
import type { Environment } from "./guard.ts";
import { isOver } from "./job-life.ts";
import { modelNotFound } from "./models-route.ts";
import type { SandboxParts } from "./sandbox-parts.ts";

const notice = z.strictObject({
  shutdown_date: z.iso.date('write the day as "2027-01-14", or null to take it back').nullable(),
});

export function adminRoute({ faults, models, files, jobs, tally }: SandboxParts): Hono<Environment> {
  return new Hono<Environment>()
    .get("/faults", (context) => context.json({ faults: faults.list() }))
    .post("/faults", async (context) => {
      faults.add(parseFaults(await readJson(context.req)));
      return context.json({ faults: faults.list() });
    })
    .delete("/faults", (context) => {
      faults.clear();
      return context.json({ faults: [] });
    })
    .delete("/faults/:id", (context) => {
      const id = context.req.param("id");
      if (!faults.remove(id))
        throw new ApiError(404, `there is no fault ${id}: GET /_sandbox/faults lists them`, { param: "id" });
      return context.json({ faults: faults.list() });
    })
    .post("/models/:model", async (context) => {
      const name = context.req.param("model");
      const { shutdown_date } = parseBody(notice, await readJson(context.req));
      if (models.show(name) === undefined) throw modelNotFound(name);
      models.announce(name, shutdown_date);
      return context.json(models.show(name));
    })
    .get("/stats", (context) => {
      const now = { files: files.all().length, models: models.names().length, jobs: jobs.all().length };
      const openJobs = jobs.all().filter(({ status }) => !isOver(status)).length;
      return context.json({ ...tally.snapshot(), faultsFired: faults.fired(), now: { ...now, openJobs } });
    });
}

// Is the API there, does it take our key, and has it all that it needs?
import { z } from "zod";
import { Fault } from "../../domain/fault.ts";
import { type ApiClient, read } from "../api-client.ts";
import { type Check, good, wrong } from "./check.ts";
import { guarded } from "./guarded.ts";

const loops = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      settings: z.looseObject({
        model: z.looseObject({ provider: z.enum(["openai-wire", "sandbox"]), baseURL: z.string().nullable() }),
      }),
    }),
  ),
});
const scheduled = z.object({
  next_pulse: z.string().nullable(),
  schedule_paused: z.string().nullable(),
  temporal: z.enum(["ok", "unavailable"]),
});
const readiness = z.object({ status: z.string(), why: z.array(z.string()).default([]) });
export type LoopAddresses = { provider: "openai-wire" | "sandbox"; baseURL: string | null }[];

/** The checks, and where the loops' models answer, as far as the key may see them. */
export async function checkApi(api: () => ApiClient): Promise<{ checks: Check[]; addresses: LoopAddresses }> {
  const alive = await guarded("API", async () => {
    await api().get("/healthz");
    return good("API", `answers at ${api().url}`);
  });
  if (alive.state === "wrong") return { checks: [alive], addresses: [] };
  let addresses: LoopAddresses = [];
  let names: string[] = [];
  const ready = guarded("readiness", async () => {
    const { why } = read(readiness, await api().get("/readyz"));
    if (why.length > 0) return wrong("readiness", why.join("; "), "serving and recording go on; start what is missing");
    return good("readiness", "the server has all that it needs");
  });
  const key = guarded("key", async () => {
    try {
      const { data } = read(loops, await api().get("/api/loops"));
      names = data.map(({ name }) => name);
      addresses = data.map(({ settings }) => ({ provider: settings.model.provider, baseURL: settings.model.baseURL }));
      return good("key", `is good, and sees ${data.length} ${data.length === 1 ? "loop" : "loops"}`);
    } catch (error) {
      if (error instanceof Fault && error.code === "forbidden") return good("key", "is good, but may not read loops");
      if (error instanceof Fault && error.code === "unauthenticated")
        return wrong("key", error.message, error.hint ?? "give a key with --key or RATCHET_KEY");
      throw error;
    }
  });
  const checks = [alive, await ready, await key];
  return { checks: names.length === 0 ? checks : [...checks, await checkSchedules(api(), names)], addresses };
}

/** Without its pulse a loop learns nothing, and nobody is alarmed: that would be the pulse's work. */
function checkSchedules(api: ApiClient, names: readonly string[]): Promise<Check> {
  return guarded("schedules", async () => {
    const faults: string[] = [];
    for (const name of names) {
      const now = read(scheduled, await api.get(`/api/loops/${encodeURIComponent(name)}/status`));
      if (now.temporal === "unavailable") return wrong("schedules", "Temporal does not answer the server", "start it");
      if (now.schedule_paused !== null) faults.push(`loop ${name}: paused in Temporal`);
      else if (now.next_pulse === null) faults.push(`loop ${name}: not there`);
    }
    if (faults.length === 0) return good("schedules", "every loop has its next pulse");
    return wrong("schedules", faults.join("; "), "unpause it in Temporal; make one that is not there by ratchet pulse");
  });
}

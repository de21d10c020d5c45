// Which loop a command is about, for routes that carry its name.
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { read } from "./api-client.ts";
import type { Context } from "./context.ts";

const loops = z.object({ data: z.array(z.object({ name: z.string() })) });

/** --loop, else the only loop that the key may see. Throws a Fault that says which there are. */
export async function chosenLoop(context: Context): Promise<string> {
  if (context.loop !== undefined) return context.loop;
  const { data } = read(loops, await context.api().get("/api/loops"));
  const [only, ...others] = data;
  if (only === undefined)
    throw new Fault("not_found", "there is no loop yet", { hint: "ratchet loop apply loop.json makes one" });
  if (others.length === 0) return only.name;
  throw new Fault("invalid", `there are ${data.length} loops: ${data.map((loop) => loop.name).join(", ")}`, {
    hint: `name one, as --loop ${only.name}`,
  });
}

/** The path of something under the chosen loop: `/cycles` → `/api/loops/demo/cycles`. */
export async function loopPath(context: Context, under = ""): Promise<string> {
  return `/api/loops/${encodeURIComponent(await chosenLoop(context))}${under}`;
}

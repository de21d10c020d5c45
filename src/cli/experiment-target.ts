// Which experiment a command is about, when its id is left out.
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { read } from "./api-client.ts";
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { pageOf } from "./page.ts";

export interface Target {
  readonly id: string;
  /** Undefined: the id says it. */
  readonly loop: string | undefined;
}

const rows = pageOf(z.object({ id: z.string(), status: z.string() }));

/** The one named, else the loop's newest. Throws a Fault when there has been none. */
export async function namedOrNewest(context: Context, id: string | undefined): Promise<Target> {
  return id === undefined ? newest(context) : { id, loop: context.loop };
}

/** The one named, else the loop's open one. Throws a Fault when none is open. */
export async function namedOrOpen(context: Context, id: string | undefined): Promise<Target> {
  if (id !== undefined) return { id, loop: context.loop };
  const target = await newest(context);
  if (target.status !== "closed") return target;
  throw new Fault("not_found", `no experiment of loop "${target.loop}" is under way`, {
    hint: "ratchet experiment show tells how the last one ended",
  });
}

async function newest(context: Context): Promise<Target & { status: string }> {
  const loop = await chosenLoop(context);
  const answer = await context.api().get(`/api/loops/${encodeURIComponent(loop)}/experiments`, { limit: 1 });
  const [found] = read(rows, answer).data;
  if (found !== undefined) return { id: found.id, loop, status: found.status };
  throw new Fault("not_found", `loop "${loop}" has had no experiment yet`, {
    hint: "a cycle begins one when its candidate passes the gate: ratchet cycle list",
  });
}

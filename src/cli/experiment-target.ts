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

const rows = pageOf(z.object({ id: z.string() }));

/**
 * The one named, else the loop's newest; of one that is over a command is refused with who ended it, when and how, named or not. Throws a
 * Fault when there has been none.
 */
export async function namedOrNewest(context: Context, id: string | undefined): Promise<Target> {
  return id === undefined ? newest(context) : { id, loop: context.loop };
}

async function newest(context: Context): Promise<Target> {
  const loop = await chosenLoop(context);
  const answer = await context.api().get(`/api/loops/${encodeURIComponent(loop)}/experiments`, { limit: 1 });
  const [found] = read(rows, answer).data;
  if (found !== undefined) return { id: found.id, loop };
  throw new Fault("not_found", `loop "${loop}" has had no experiment yet`, {
    hint: "a cycle begins one when its candidate passes the gate: ratchet cycle list",
  });
}

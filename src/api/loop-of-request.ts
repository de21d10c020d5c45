// Which loop a request is about: the key's, else the one it names, else the only one there is.
// To a key that is bound to a loop, every other loop does not exist.
import { Fault } from "../domain/fault.ts";
import { loopOfItem } from "../store/loop-of-item.ts";
import { findLoop, listLoops } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import type { Caller } from "./caller.ts";

/**
 * Where the loop is said: nowhere, in the path (`new`: it need not exist yet), by ?loop=, or by the id in the path of
 * something that belongs to it.
 */
export type LoopPlace = "none" | "path" | "new" | "query" | "cycle" | "experiment" | "snapshot";

/** The loop's name. Throws a Fault `not_found` for one that is not there or not the caller's, `invalid` when none is said. */
export async function loopOfRequest(
  { db }: Pick<ApiDeps, "db">,
  caller: Caller,
  place: Exclude<LoopPlace, "none">,
  said: { path: string | undefined; query: string | undefined; id: string | undefined },
): Promise<string> {
  const named = place === "path" || place === "new" ? said.path : said.query;
  if (caller.loop !== null) {
    if (named !== undefined && named !== caller.loop) throw noLoop(named);
    return caller.loop;
  }
  if (named !== undefined) {
    if (place === "new" || (await db.withLoop(named, (tx) => findLoop(tx, named))) !== null) return named;
    throw noLoop(named);
  }
  if (place === "cycle" || place === "experiment" || place === "snapshot") {
    const loop = await db.acrossLoops((tx) => loopOfItem(tx, place, said.id ?? ""));
    if (loop === null)
      throw new Fault("not_found", `there is no ${place} "${said.id}"`, {
        hint: `ratchet ${place} list, or GET /api/loops/{loop}/${place}s, lists them`,
      });
    return loop;
  }
  return onlyLoop(await db.acrossLoops(async (tx) => (await listLoops(tx)).map((loop) => loop.name)));
}

export function noLoop(name: string): Fault {
  return new Fault("not_found", `there is no loop "${name.slice(0, 80)}"`, { hint: "ratchet loop list shows them" });
}

function onlyLoop(names: readonly string[]): string {
  const [first, ...others] = names;
  if (first === undefined)
    throw new Fault("invalid", "there is no loop yet", {
      hint: "make one: PUT /api/loops/{loop}, or ratchet loop apply",
    });
  if (others.length > 0)
    throw new Fault("invalid", `there are ${names.length} loops, and the request does not say which one it means`, {
      hint: "add ?loop=NAME, or use a key that is bound to one loop",
      details: { param: "loop", loops: names.slice(0, 20) },
    });
  return first;
}

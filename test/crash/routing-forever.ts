// What a loop's units are assigned by, good for ever: the document that servers had, without its dates.
import type { RoutingDocument } from "../../src/evidence/assignment.ts";
import type { Stack } from "./stack.ts";

const FOREVER = "9999-01-01T00:00:00Z";
const NOBODY = { id: "", name: "" };

/** Of the loop's experiment, in the phase given. Only who has which variant is told by it, not which model that is. */
export async function readRoutingForever(
  { query }: Pick<Stack, "query">,
  loop: string,
  phase: "experiment" | "probation" = "experiment",
): Promise<RoutingDocument> {
  const [row] = await query("select id, salt, parameters from experiment where loop = $1", [loop]);
  const { id, salt, parameters } = row as {
    id: string;
    salt: string;
    parameters: { share: number; holdback: number };
  };
  return {
    loop,
    version: 0,
    expires_at: FOREVER,
    champion: NOBODY,
    experiment:
      phase === "experiment"
        ? { id, salt, share: parameters.share, entered: [1], serve_until: FOREVER, challenger: NOBODY }
        : null,
    probation: phase === "probation" ? { id, salt, holdback: parameters.holdback, standby: NOBODY } : null,
  };
}

// Makes the first key where nobody can ask the API for one: straight in the database, whose owner may do anything anyhow.
import { makeKey } from "../api/key-text.ts";
import { readConfig, required } from "../config.ts";
import { Fault } from "../domain/fault.ts";
import type { Context } from "./context.ts";

/** Who made it, in the audit chain: the command line has no key yet, and all that is known is that it had the database. */
const ACTOR = "database";

/** Prints a new key for all loops. Throws a Fault `conflict` when there is one that can make others, unless told `again`. */
export async function makeFirstKey(context: Context, given: { again?: boolean; reason?: string }): Promise<void> {
  const url = required(readConfig().databaseUrl, "DATABASE_URL", "it names the database that the key is made in");
  const reason = given.reason ?? (given.again === true ? "the keys that there were are lost" : "the first start");
  const { openDatabase } = await import("../db/database.ts");
  const { addFirstKey, keysThatMakeKeys } = await import("../store/first-key.ts");
  const db = openDatabase(url, { max: 1 });
  try {
    await db.ping();
    const { id, text, secretHash } = makeKey();
    await db.acrossLoops(async (tx) => {
      const at = new Date();
      const others = await keysThatMakeKeys(tx, at);
      if (others > 0 && given.again !== true)
        throw new Fault("conflict", "there is a key already that can make others", {
          hint: "use it: ratchet key create --key rk_…; if it is lost: ratchet key first --again, then revoke the old one",
        });
      await addFirstKey(tx, { id, secretHash }, { actor: ACTOR, reason }, at);
    });
    context.print({ id, key: text, loop: null }, () => [
      text,
      "This is shown once: keep it now. It opens everything, for all loops, until it is revoked.",
    ]);
  } finally {
    await db.close();
  }
}

// What a new installation needs before anyone can use it: a key, and something to try out.
import { isSecret, makeKey, readKey } from "../api/key-text.ts";
import { type Database, openDatabase } from "../db/database.ts";
import { parseLoopSettings } from "../domain/loop-settings.ts";
import { addFirstKey } from "../store/first-key.ts";
import { findKey } from "../store/keys.ts";
import { applySettings, listLoops } from "../store/loops.ts";
import type { Servers } from "./await-servers.ts";

const ACTOR = "start";

export const DEMO_LOOP = "demo";

export interface Wanted {
  /** The key that an earlier start kept. */
  readonly kept: string | null;
  /** Writes a new key down. */
  readonly keep: (key: string) => void;
  readonly withDemo: boolean;
  readonly at: Date;
}

/** All of it; safe to do on every start. */
export async function settle(
  { databaseUrl }: Pick<Servers, "databaseUrl">,
  { kept, keep, withDemo, at }: Wanted,
): Promise<{ key: string; keyIsNew: boolean; loops: string[] }> {
  const db = openDatabase(databaseUrl, { max: 2 });
  try {
    const { text: key, isNew: keyIsNew } = await firstKey(db, kept, keep, at);
    if (withDemo) await demoLoop(db, at);
    return { key, keyIsNew, loops: (await db.acrossLoops(listLoops)).map((loop) => loop.name) };
  } finally {
    await db.close();
  }
}

/**
 * The key that was kept, when it still opens everything; else a new one, for all loops and with every scope.
 * @param keep writes a new key down. It is called before the key counts: a key that nobody knows would be worse than a
 * note of one that does not work, which the next start replaces.
 */
export async function firstKey(
  db: Database,
  kept: string | null,
  keep: (text: string) => void,
  at: Date,
): Promise<{ text: string; isNew: boolean }> {
  return db.acrossLoops(async (tx) => {
    const parts = kept === null ? null : readKey(kept);
    const known = parts === null ? null : await findKey(tx, parts.id);
    const works =
      known !== null &&
      isSecret(parts!.secret, known.secret_hash) &&
      known.revoked_at === null &&
      (known.expires_at === null || known.expires_at > at);
    if (works) return { text: kept!, isNew: false };
    const { id, text, secretHash } = makeKey();
    keep(text);
    const reason =
      kept === null ? "the first start on this data folder" : "the key that was kept does not work any more";
    await addFirstKey(tx, { id, secretHash }, { actor: ACTOR, reason }, at);
    return { text, isNew: true };
  });
}

/** Makes the loop `demo` on the sandbox where there is no loop at all. */
export async function demoLoop(db: Database, at: Date): Promise<void> {
  if ((await db.acrossLoops(listLoops)).length > 0) return;
  const settings = parseLoopSettings({
    name: DEMO_LOOP,
    model: { provider: "sandbox", name: "sandbox-base" },
    actionFrom: "/action",
  });
  const asked = { actor: ACTOR, reason: "something to try out on the first start" };
  await db.withLoop(DEMO_LOOP, (tx) => applySettings(tx, settings, asked, at));
}

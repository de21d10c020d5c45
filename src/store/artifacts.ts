// Which files a loop keeps in the artifact store.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

/** Writes down that a file is kept; twice is harmless, and one that was deleted is there again. */
export async function recordArtifact(
  tx: Transaction,
  loop: string,
  { sha256, bytes }: { sha256: string; bytes: number },
): Promise<void> {
  await tx.run(sql`
    insert into artifact (loop, sha256, bytes) values (${loop}, ${sha256}, ${bytes})
    on conflict (loop, sha256) do update set deleted_at = null`);
}

export async function hasArtifact(tx: Transaction, loop: string, sha256: string): Promise<boolean> {
  const found = await tx.maybe(
    z.object({ sha256: z.string() }),
    sql`select sha256 from artifact where loop = ${loop} and sha256 = ${sha256} and deleted_at is null`,
  );
  return found !== null;
}

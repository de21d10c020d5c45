// ratchet key: who may talk to the API, and what they may do.
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { milliseconds } from "../domain/duration.ts";
import { read } from "./api-client.ts";
import type { Context } from "./context.ts";
import { duration } from "./duration-option.ts";
import { makeFirstKey } from "./first-key.ts";
import { pageOf } from "./page.ts";
import { withReason } from "./reason.ts";
import { instant } from "./terminal/figures.ts";
import { table } from "./terminal/table.ts";

const SCOPES = ["serve", "feedback", "read", "operate", "admin"];
const keyShape = z.object({
  id: z.string(),
  loop: z.string().nullable(),
  name: z.string(),
  scopes: z.array(z.string()),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});

const madeShape = z.object({ key: z.string(), loop: z.string().nullable(), expires_at: z.string().nullable() });

interface CreateOptions {
  name: string;
  scopes: string[];
  expires?: string;
  reason?: string;
}

export function register(program: Command, context: Context): void {
  const key = program.command("key").description("Keys to the API: first, create, list, revoke.");
  key
    .command("first")
    .description("Make the first key, straight in the database at DATABASE_URL. npm start does so by itself.")
    .option("--again", "although there is a key that can make others: for one that was lost")
    .option("--reason <text>", "why: it is kept in the audit log (default: for the first start)")
    .addHelpText(
      "after",
      "\nIt opens everything, and is shown once.\n\nExamples:\n  DATABASE_URL=postgres://ratchet@db.example.org/ratchet ratchet key first",
    )
    .action((options: { again?: boolean; reason?: string }) => makeFirstKey(context, options));
  key
    .command("create")
    .description("Make a key. It is shown once: only its hash is kept.")
    .requiredOption("--name <name>", "whose it is, as the audit log will name it")
    .requiredOption("--scopes <list>", `what it may do: some of ${SCOPES.join(", ")}`, scopes)
    .option("--expires <duration>", 'for how long it works, as "30 days" (default: until it is revoked)', duration)
    .option("--reason <text>", "why: it is kept in the audit log (default: for the key's name)")
    .addHelpText(
      "after",
      '\nWith --loop the key is bound to that loop; without, it works for all.\n\nExamples:\n  ratchet key create --name shop --scopes serve,feedback --loop demo\n  ratchet key create --name ann --scopes operate --expires "30 days"',
    )
    .action((options: CreateOptions) => create(context, options));
  key
    .command("list")
    .description("List keys; never the secrets, which nobody has.")
    .addHelpText("after", "\nExamples:\n  ratchet key list")
    .action(async () => {
      const answer = await context.api().get("/api/keys");
      context.print(answer, () => {
        const { data } = read(pageOf(keyShape), answer);
        return table(data, [
          { title: "KEY", value: (row) => row.id },
          { title: "LOOP", value: (row) => row.loop ?? "(all)" },
          { title: "SCOPES", value: (row) => row.scopes.join(",") },
          { title: "STATE", value: stateOf },
          { title: "NAME", value: (row) => row.name },
        ]);
      });
    });
  withReason(key.command("revoke"))
    .description("Revoke a key: it stops working within seconds.")
    .argument("<id>", "the key's id, the part after rk_")
    .addHelpText("after", '\nExamples:\n  ratchet key revoke 3f9a2c --reason "left the team"')
    .action(async (id: string, { reason }: { reason: string }) => {
      const bare = /^rk_([^_]+)/.exec(id)?.[1] ?? id;
      const answer = await context.api().delete(`/api/keys/${encodeURIComponent(bare)}`, { reason });
      context.print(answer, () => [`Key ${bare} is revoked.`]);
    });
}

async function create(context: Context, { name, scopes, expires, reason }: CreateOptions): Promise<void> {
  const body = {
    name,
    scopes,
    reason: reason ?? `for ${name}`,
    ...(context.loop === undefined ? {} : { loop: context.loop }),
    ...(expires === undefined ? {} : { expires_at: new Date(Date.now() + milliseconds(expires)).toISOString() }),
  };
  const answer = await context.api().post("/api/keys", body);
  context.print(answer, () => {
    const made = read(madeShape, answer);
    const until = made.expires_at === null ? "until it is revoked" : `until ${instant(made.expires_at)}`;
    return [made.key, `This is shown once: keep it now. It works for ${made.loop ?? "all loops"}, ${until}.`];
  });
}

function stateOf({ revoked_at, expires_at }: z.output<typeof keyShape>): string {
  if (revoked_at !== null) return "revoked";
  if (expires_at === null) return "good";
  return new Date(expires_at) <= new Date() ? "expired" : `until ${expires_at.slice(0, 10)}`;
}

function scopes(list: string): string[] {
  const given = list
    .split(",")
    .map((scope) => scope.trim())
    .filter((scope) => scope !== "");
  const unknown = given.find((scope) => !SCOPES.includes(scope));
  if (given.length > 0 && unknown === undefined) return given;
  throw new InvalidArgumentError(
    `${unknown === undefined ? "give at least one scope" : `"${unknown}" is no scope`}: there are ${SCOPES.join(", ")}.`,
  );
}

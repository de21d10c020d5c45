// ratchet migrate: brings a database of your own up to date.
import type { Command } from "commander";
import { readConfig, required } from "../config.ts";
import type { Context } from "./context.ts";
import { counted } from "./terminal/figures.ts";

export function register(program: Command, context: Context): void {
  program
    .command("migrate")
    .description("Bring the database at DATABASE_URL up to date. npm start does so by itself for the one it embeds.")
    .addHelpText("after", "\nExamples:\n  DATABASE_URL=postgres://ratchet@db.example.org/ratchet ratchet migrate")
    .action(async () => {
      const url = required(readConfig().databaseUrl, "DATABASE_URL", "it names the database to migrate");
      const { migrate } = await import("../db/migrate.ts");
      const applied = await migrate(url);
      context.print({ applied }, () =>
        applied.length === 0
          ? ["The database is up to date."]
          : [...applied.map((name) => `applied ${name}`), `${counted(applied.length, "migration")} applied.`],
      );
    });
}

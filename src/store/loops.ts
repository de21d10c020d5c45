// Loops and their settings: every version is kept, and a change says who and why.
import { z } from "zod";
import { type Transaction, violates } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import type { Asked } from "../domain/experiment.ts";
import { Fault } from "../domain/fault.ts";
import { type LoopSettings, parseLoopSettings } from "../domain/loop-settings.ts";
import { type SettingChange, settingsChanges } from "../domain/settings-changes.ts";
import { recordAudit } from "./audit.ts";
import { registerBase } from "./base-model.ts";
import { announce } from "./events.ts";
import { holdLoop } from "./hold-loop.ts";

const row = z.object({
  name: z.string(),
  created_at: z.date(),
  settings_version: z.number(),
  paused_at: z.date().nullable(),
  settings: z.unknown(),
});

export interface Loop {
  name: string;
  createdAt: Date;
  settingsVersion: number;
  pausedAt: Date | null;
  settings: LoopSettings;
}

const selectLoop = sql`
  select loop.name, loop.created_at, loop.settings_version, loop.paused_at, loop_settings.settings
  from loop join loop_settings on loop_settings.loop = loop.name and loop_settings.version = loop.settings_version`;

const loopFrom = (raw: z.output<typeof row>): Loop => ({
  name: raw.name,
  createdAt: raw.created_at,
  settingsVersion: raw.settings_version,
  pausedAt: raw.paused_at,
  settings: parseLoopSettings(raw.settings),
});

/** What a loop's schedule in Temporal follows from. */
export const pulseOf = ({ name, settings, pausedAt }: Loop) => ({ name, every: settings.schedule.every, pausedAt });

/** The loop, or a Fault `not_found`. */
export async function loadLoop(tx: Transaction, name: string): Promise<Loop> {
  const found = await findLoop(tx, name);
  if (found === null)
    throw new Fault("not_found", `there is no loop "${name}"`, { hint: "ratchet loop list shows them" });
  return found;
}

export async function findLoop(tx: Transaction, name: string): Promise<Loop | null> {
  const found = await tx.maybe(row, sql`${selectLoop} where loop.name = ${name}`);
  return found === null ? null : loopFrom(found);
}

/** Every loop, by name. Needs a transaction across loops. */
export async function listLoops(tx: Transaction): Promise<Loop[]> {
  return (await tx.rows(row, sql`${selectLoop} order by loop.name`)).map(loopFrom);
}

/** A past version of the settings. */
export async function settingsAt(tx: Transaction, loop: string, version: number): Promise<LoopSettings> {
  const found = await tx.one(
    z.object({ settings: z.unknown() }),
    sql`select settings from loop_settings where loop = ${loop} and version = ${version}`,
  );
  return parseLoopSettings(found.settings);
}

/** Makes the loop, or a new version of its settings when they differ. `changed` is false when nothing did. */
export async function applySettings(
  tx: Transaction,
  settings: LoopSettings,
  asked: Asked,
  at: Date,
): Promise<{ loop: Loop; created: boolean; changed: boolean; changes: SettingChange[] }> {
  const name = settings.name;
  await holdLoop(tx, name);
  const before = await findLoop(tx, name);
  if (before !== null && canonicalJson(before.settings) === canonicalJson(settings))
    return { loop: before, created: false, changed: false, changes: [] };
  const version = (before?.settingsVersion ?? 0) + 1;
  if (before === null) {
    try {
      await tx.run(sql`insert into loop (name, created_at) values (${name}, ${at})`);
    } catch (error) {
      if (violates(error, "loop_pkey"))
        throw new Fault("conflict", `loop "${name}" was made by someone else just now`, {
          hint: "apply the settings again",
        });
      throw error;
    }
  } else {
    await tx.run(
      sql`update loop set settings_version = ${version}, routing_version = routing_version + 1 where name = ${name}`,
    );
  }
  await tx.run(sql`
    insert into loop_settings (loop, version, settings, at, actor, reason)
    values (${name}, ${version}, ${JSON.stringify(settings)}, ${at}, ${asked.actor}, ${asked.reason})`);
  await registerBase(tx, settings, asked, at);
  await recordAudit(tx, {
    loop: name,
    at,
    ...asked,
    action: before === null ? "loop.create" : "loop.settings",
    subject: `settings/${version}`,
    payload: { settings },
  });
  await announce(tx, name, "loop.changed", name);
  return {
    loop: await loadLoop(tx, name),
    created: before === null,
    changed: true,
    changes: before === null ? [] : settingsChanges(before.settings, settings),
  };
}

/** Pauses or resumes the loop's pulses. Serving and recording go on. */
export async function setPaused(tx: Transaction, name: string, paused: boolean, asked: Asked, at: Date): Promise<Loop> {
  const changed = await tx.run(sql`
    update loop set paused_at = ${paused ? at : null} where name = ${name} and (paused_at is null) = ${paused}`);
  if (changed > 0) {
    await recordAudit(tx, { loop: name, at, ...asked, action: paused ? "loop.pause" : "loop.resume", subject: name });
    await announce(tx, name, "loop.changed", name);
  }
  return loadLoop(tx, name);
}

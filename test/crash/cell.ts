// One cell of the matrix: a life in which one process is halted at one point, and somebody dies at that moment.
import { setTimeout as sleep } from "node:timers/promises";
import { type Life, type LifeKind, openLife } from "./life.ts";
import { type Cell, type Point, pointsOf, type Victim } from "./matrix.ts";
import { type Go, pointName, type Visit } from "./point.ts";
import type { Site } from "./site.ts";
import { verifyLife } from "./verify-life.ts";

export interface CellResult {
  readonly cell: Cell;
  /** What is wrong; nothing, and the cell is green. */
  readonly faults: readonly string[];
  /** From the kill until the next run of an activity, or the next marked request, was done; null when it never came. */
  readonly recoverySeconds: number | null;
  readonly seconds: number;
  /** What the processes said last, when something is wrong. */
  readonly said: readonly string[];
}

/** How long a worker is parted from PostgreSQL and the trainer. */
const PARTED_MS = 3_000;
/** How long a zombie may take to end what it was at. */
const ZOMBIE_MS = 60_000;
let lives = 0;

/** A life in which nobody dies: its points, and what is wrong after it. */
export async function recordLife(kind: LifeKind, site: Site): Promise<{ points: Point[]; faults: string[] }> {
  const visits: { visit: Visit; at: "worker" | "server" }[] = [];
  const life = openLife(kind, nextLoop(), site);
  site.watcher.answer(async (visit, pid) => {
    const named = await nameVisit(life, visit);
    if (visit.loop === life.loop) visits.push({ visit: named, at: pid === site.server.pid ? "server" : "worker" });
    return { go: "on", as: named.scope };
  });
  const faults = await livedThrough(life);
  return { points: pointsOf(kind, visits), faults: [...faults, ...(await verifyLife(life, site))] };
}

export async function runCell(cell: Cell, site: Site): Promise<CellResult> {
  const began = Date.now();
  const { point, victim } = cell;
  const life = openLife(point.life, nextLoop(), site);
  const halted = Promise.withResolvers<Visit>();
  const released = Promise.withResolvers<Go>();
  const ended = Promise.withResolvers<void>(); // of the run that was halted
  let halt: Visit | null = null;
  let haltedPid = 0;
  let killedAt = 0;
  let recoveredAt = 0;
  site.watcher.answer(async (visit, pid) => {
    if (visit.loop !== life.loop) return { go: "on" };
    const named = await nameVisit(life, visit);
    const own = halt !== null && pid === haltedPid && visit.scopeId === halt.scopeId;
    const over = visit.step === null && visit.moment !== "begins";
    if (own && over) ended.resolve();
    if (killedAt > 0 && recoveredAt === 0 && visit.moment === "done, not told" && !(own && victim === "zombie"))
      recoveredAt = Date.now();
    if (halt !== null || pointName(named) !== point.name) return { go: "on", as: named.scope };
    halt = named;
    haltedPid = pid;
    halted.resolve(named);
    return { ...(await released.promise), as: named.scope };
  });

  const living = livedThrough(life);
  const first = await Promise.race([halted.promise, living]);
  let faults: string[];
  if (Array.isArray(first)) {
    faults = [...first, "the point was armed and never come to"];
    released.resolve({ go: "on" });
  } else {
    killedAt = Date.now();
    // Its answer was on its way when the connection broke.
    const lost: Go = { go: first.moment.endsWith("not heard") ? "lost" : "on" };
    const afterLife = await strike(victim, site, { go: () => released.resolve(lost), ended: ended.promise });
    faults = await living;
    await afterLife();
  }
  faults.push(...(await verifyLife(life, site).catch((error: Error) => [`not verified: ${error.message}`])));
  return {
    cell,
    faults,
    recoverySeconds: recoveredAt === 0 ? null : (recoveredAt - killedAt) / 1000,
    seconds: (Date.now() - began) / 1000,
    said: faults.length === 0 ? [] : [...site.worker.lastLines().slice(-40), ...site.server.lastLines().slice(-20)],
  };
}

/** Does it to the victim, and sees that what died comes back. Returns what is to be done when the life is over. */
async function strike(
  victim: Victim,
  site: Site,
  halted: { go: () => void; ended: Promise<void> },
): Promise<() => Promise<void>> {
  const nothing = async () => {};
  switch (victim) {
    case "worker":
      await site.worker.kill();
      site.worker = await site.startWorker();
      return nothing;
    case "server":
      await site.server.kill();
      site.server = await site.startServer();
      return nothing;
    case "temporal":
    case "postgres": {
      const server = site.stack[victim];
      await server.kill();
      halted.go(); // it meets the outage
      await server.start();
      return nothing;
    }
    case "partition": {
      const { database, trainer } = site.worker.lines!;
      database.cut();
      trainer.cut();
      halted.go();
      await sleep(PARTED_MS);
      database.heal();
      trainer.heal();
      return nothing;
    }
    case "zombie": {
      const zombie = site.worker;
      zombie.lines!.temporal.cut();
      site.worker = await site.startWorker();
      return async () => {
        zombie.lines!.temporal.heal();
        halted.go();
        await Promise.race([halted.ended, sleep(ZOMBIE_MS, undefined, { ref: false })]);
        await zombie.stop(); // it ends what it is at, and reports what it has
        await zombie.kill();
      };
    }
    default:
      return victim satisfies never;
  }
}

async function nameVisit(life: Life, visit: Visit): Promise<Visit> {
  if (visit.moment !== "begins" || visit.input === null || visit.loop !== life.loop) return visit;
  return { ...visit, scope: await life.nameOf(visit.scope, visit.input) };
}

async function livedThrough(life: Life): Promise<string[]> {
  try {
    await life.live();
    return [];
  } catch (error) {
    return [`the life did not come to its end: ${(error as Error).message}`];
  }
}

const nextLoop = () => `life-${++lives}`;

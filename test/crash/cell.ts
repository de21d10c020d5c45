// Cells of the matrix: a life in which a process is halted at a point, and somebody dies at that very moment.
import { setTimeout as sleep } from "node:timers/promises";
import { type Life, type LifeKind, openLife } from "./life.ts";
import { type Cell, type Group, type Point, pointsOf, type Victim } from "./matrix.ts";
import { type Go, type Moment, pointName, type Visit } from "./point.ts";
import type { Site } from "./site.ts";
import type { Program } from "./stack.ts";
import { verifyLife } from "./verify-life.ts";

export interface CellResult {
  readonly cell: Cell;
  /** What is wrong; nothing, and the cell is green. */
  readonly faults: readonly string[];
  /** From the kill until the next run of an activity, or the next marked request, was done; null when it never came. */
  readonly recoverySeconds: number | null;
  /** Of its whole life. */
  readonly seconds: number;
  /** How many cells shared that life. */
  readonly together: number;
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

/** One life in which every cell's point is halted at, and its victim dies; one after the other. */
export async function runGroup(group: Group, site: Site): Promise<CellResult[]> {
  const began = Date.now();
  const life = openLife(group[0]!.point.life, nextLoop(), site);
  const armed = group.map((cell) => new Armed(cell));
  const zombies = new Set<number>();
  const afterLife: (() => Promise<string | null>)[] = [];
  const broken: string[] = [];
  let strikes: Promise<void> = Promise.resolve();
  site.watcher.answer(async (visit, pid) => {
    if (visit.loop !== life.loop) return { go: "on" };
    const named = await nameVisit(life, visit);
    for (const one of armed) one.see(visit, pid);
    const hit = zombies.has(pid) ? undefined : armed.find((one) => one.waitsFor(named));
    if (hit === undefined) return { go: "on", as: named.scope };
    const released = hit.halt(named, pid);
    const turn = async () => {
      if (!isAlive(pid)) return hit.waitAgain(); // it went with another's death, before its turn came
      hit.struck();
      if (hit.cell.victim === "zombie") zombies.add(pid);
      afterLife.push(await strike(hit.cell.victim, site, hit));
    };
    strikes = strikes.then(turn).catch((error: Error) => void broken.push(`nobody came back: ${error.message}`));
    return { ...(await released), as: named.scope };
  });
  const faults = await livedThrough(life);
  await strikes;
  faults.push(...broken);
  for (const work of afterLife) faults.push(...[await work()].filter((fault) => fault !== null));
  for (const one of armed) one.letGo();
  await life.askTrainerAgain().catch((error: Error) => void faults.push(error.message)); // a zombie may have tried to submit
  faults.push(...(await verifyLife(life, site).catch((error: Error) => [`not verified: ${error.message}`])));
  const said = [...linesOf(site.worker), ...linesOf(site.server)];
  return armed.map((one) => {
    const all = one.wasStruck ? faults : [...faults, "the point was armed and never come to"];
    return {
      cell: one.cell,
      faults: all,
      recoverySeconds: one.recoverySeconds,
      seconds: (Date.now() - began) / 1000,
      together: group.length,
      said: all.length === 0 ? [] : said,
    };
  });
}

/** A cell in its life: whether its point was come to, who halts there, and when things went on. */
class Armed {
  readonly cell: Cell;
  /** The run or request that was halted has come to its end. */
  readonly ended: Promise<void>;
  #end!: () => void;
  #release: ((go: Go) => void) | null = null;
  #own: { pid: number; scopeId: number; moment: Moment } | null = null;
  #struckAt = 0;
  #recoveredAt = 0;

  constructor(cell: Cell) {
    this.cell = cell;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get wasStruck(): boolean {
    return this.#struckAt > 0;
  }

  get recoverySeconds(): number | null {
    return this.#recoveredAt === 0 ? null : (this.#recoveredAt - this.#struckAt) / 1000;
  }

  waitsFor(visit: Visit): boolean {
    return this.#own === null && pointName(visit) === this.cell.point.name;
  }

  halt({ scopeId, moment }: Visit, pid: number): Promise<Go> {
    this.#own = { pid, scopeId, moment };
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  waitAgain(): void {
    this.#own = null;
  }

  struck(): void {
    this.#struckAt = Date.now();
  }

  /** Lets it go on: where its answer was on its way, the connection broke. */
  letGo(): void {
    this.#release?.({ go: this.#own?.moment.endsWith("not heard") === true ? "lost" : "on" });
    if (this.#own?.moment.endsWith("not told") === true) this.#end(); // it was there already
  }

  see({ scopeId, step, moment }: Visit, pid: number): void {
    const own = this.#own?.pid === pid && this.#own.scopeId === scopeId;
    if (own && step === null && moment !== "begins") this.#end();
    const counts = moment === "done, not told" && !(own && this.cell.victim === "zombie");
    if (this.#struckAt > 0 && this.#recoveredAt === 0 && counts) this.#recoveredAt = Date.now();
  }
}

/**
 * Does it to the victim, and sees that what died comes back. Returns what is to be done when the life is over, which says
 * what went wrong, if anything.
 */
async function strike(
  victim: Victim,
  site: Site,
  halted: { letGo: () => void; ended: Promise<void> },
): Promise<() => Promise<string | null>> {
  const nothing = async () => null;
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
      halted.letGo(); // it meets the outage
      await server.start();
      return nothing;
    }
    case "partition": {
      const { database, trainer } = site.worker.lines!;
      database.cut();
      trainer.cut();
      halted.letGo();
      await sleep(PARTED_MS);
      database.heal();
      trainer.heal();
      return nothing;
    }
    case "zombie": {
      const zombie = site.worker;
      zombie.lines!.temporal.cut({ targetKnows: true }); // else it would hand the work to the dead for a minute
      site.worker = await site.startWorker();
      return async () => {
        zombie.lines!.temporal.heal();
        halted.letGo();
        const late = sleep(ZOMBIE_MS, "the zombie did not come to the end of what it was at", { ref: false });
        const fault = await Promise.race([halted.ended.then(() => null), late]);
        await zombie.stop(); // it reports what it has
        await zombie.kill();
        return fault;
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const linesOf = ({ lastLines }: Program) =>
  lastLines()
    .filter((line) => !line.includes("model_selected"))
    .slice(-30);

const nextLoop = () => `life-${++lives}`;

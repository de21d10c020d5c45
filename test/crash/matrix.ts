// Which points there are, and who dies at each. Pure: from what a life came to in a recording, to the cells of the matrix.
import type { LifeKind } from "./life.ts";
import { type Moment, pointName, type Visit } from "./point.ts";

/** What can be done to a process that is halted at a point. */
export const VICTIMS = ["worker", "server", "temporal", "postgres", "zombie", "partition"] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Point {
  readonly name: string;
  readonly at: "worker" | "server";
  readonly scope: string;
  readonly step: string | null;
  readonly moment: Moment;
  /** Whether the transaction of this point changes anything. */
  readonly writes: boolean;
  /** What it puts on the audit chain. */
  readonly audit: string | null;
  /** The life in which it is come to. */
  readonly life: LifeKind;
}

export interface Cell {
  readonly point: Point;
  readonly victim: Victim;
}

/** Looking up a key is the same for every request, and is left out while it is remembered: no point to count on. */
const OF_THE_KEY = /^transaction (identify|trust)\b/;

/**
 * The points of a life, in the order in which they were first come to. What only reads changes nothing, whenever it ends: such
 * a transaction, and such a call, is one point.
 */
export function pointsOf(life: LifeKind, visits: readonly { visit: Visit; at: "worker" | "server" }[]): Point[] {
  const wrote = new Map<string, { writes: boolean; audit: string | null }>();
  const stepOf = ({ scope, step }: Visit) => `${scope} · ${step}`;
  for (const { visit } of visits)
    if (visit.moment === "during") wrote.set(stepOf(visit), { writes: visit.writes.length > 0, audit: visit.audit });
  const points = new Map<string, Point>();
  for (const { visit, at } of visits) {
    const { scope, step, moment } = visit;
    const name = pointName(visit);
    if (points.has(name) || (step !== null && OF_THE_KEY.test(step))) continue;
    const { writes, audit } = wrote.get(stepOf(visit)) ?? {
      writes: step !== null && !step.startsWith("GET "),
      audit: null,
    };
    const onlyReads = step !== null && !writes;
    if (onlyReads && moment !== "during" && moment !== "answered, not heard") continue;
    if (onlyReads && step.startsWith("transaction") && moment !== "during") continue;
    points.set(name, { name, at, scope, step, moment, writes, audit, life });
  }
  return [...points.values()];
}

/**
 * Who dies at a point. The process itself at every point. The others where their death makes another story than at the
 * point before:
 * - PostgreSQL before, in and after every transaction that changes something;
 * - Temporal when it waits for an activity, and when it is about to hear of it; or when a request tells a workflow;
 * - a zombie before every deed and in the middle of it: once Temporal has given its work to another, it goes on all the same;
 * - a partition before, in and after every deed: the deed may have been done and nobody heard.
 */
export function victimsOf({ at, scope, step, moment, writes }: Point): Victim[] {
  const postgres: Victim[] = writes && step?.startsWith("transaction") === true ? ["postgres"] : [];
  if (at === "server")
    return ["server", ...postgres, ...(moment === "begins" && TELLS.has(scope) ? ["temporal" as const] : [])];
  if (step === null) return ["worker", "temporal", "zombie"];
  if (!writes) return ["worker"];
  const zombie: Victim[] = moment === "before" || moment === "during" ? ["zombie"] : [];
  return ["worker", ...postgres, ...zombie, ...(step.startsWith("file") ? [] : ["partition" as const])];
}

/** Requests after which a workflow is told. */
const TELLS = new Set(["PUT /loops", "POST /pulse", "POST /cycles", "POST /approve", "POST /rollback", "POST /cancel"]);

/** Every cell, in the order of the lives. */
export function cellsOf(points: readonly Point[]): Cell[] {
  return points.flatMap((point) => victimsOf(point).map((victim) => ({ point, victim })));
}

/** Of several recordings of all lives: what every one of them came to, each point once. */
export function commonPoints(recordings: readonly (readonly Point[])[]): Point[] {
  const [first = [], ...others] = recordings;
  const names = others.map((points) => new Set(points.map((point) => point.name)));
  const common = new Map<string, Point>();
  for (const point of first)
    if (!common.has(point.name) && names.every((known) => known.has(point.name))) common.set(point.name, point);
  return [...common.values()];
}

/** Cells that are lived through in one life. */
export type Group = readonly Cell[];

/** In one life, each beside a worker of its own. */
const ZOMBIES = 3;

/** What comes late after the one does not come to the other. */
const APART = [
  ["submitTraining", "pollTraining while it runs"], // the job is over by then
  ["look that promotes", "look in probation"], // and so is probation
] as const;

/**
 * Puts cells of the same life together, at most `size` of them, each in an activity or request of its own: what was halted
 * has been taken up by somebody before the next one dies.
 */
export function groupsOf(cells: readonly Cell[], size: number): Group[] {
  const groups: Cell[][] = [];
  for (const cell of cells) {
    const fits = (group: readonly Cell[]) =>
      group.length < size &&
      group.every((other) => mayShareALife(cell, other)) &&
      [...group, cell].filter(({ victim }) => victim === "zombie").length <= ZOMBIES;
    const group = groups.find(fits);
    if (group === undefined) groups.push([cell]);
    else group.push(cell);
  }
  return groups;
}

function mayShareALife(one: Cell, other: Cell): boolean {
  const scopes = [one.point.scope, other.point.scope];
  return (
    one.point.life === other.point.life &&
    one.point.scope !== other.point.scope &&
    !APART.some((pair) => pair.every((scope) => scopes.includes(scope)))
  );
}

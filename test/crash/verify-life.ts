// What must be true after a life, whatever died in it. Says what is wrong, in words; nothing wrong is an empty list.
import { isDeepStrictEqual } from "node:util";
import { unitHasher } from "../../src/domain/unit-hash.ts";
import { assign, unitOf } from "../../src/evidence/assignment.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { keptSums, recount } from "../store/feedback/recount.ts";
import type { Life, LifeKind } from "./life.ts";
import { readRoutingForever } from "./routing-forever.ts";
import type { Site } from "./site.ts";

interface Ending {
  readonly cycle: string;
  readonly run: string;
  readonly experiment: string | null;
  readonly roles: Readonly<Record<string, string>>;
  readonly promotions: readonly string[];
  readonly audit: readonly string[];
}

const BEGUN = ["champion.first", "loop.create", "cycle.start"];
const PROMOTED = [...BEGUN, "experiment.start", "cycle.experiment", "experiment.promote"];

/** How each kind of life ends, by its rows. */
const ENDINGS: Readonly<Record<LifeKind, Ending>> = {
  automatic: {
    cycle: "experiment",
    run: "succeeded",
    experiment: "promoted",
    roles: { base: "retired", "fine-tuned": "champion" },
    promotions: ["first", "promotion"],
    audit: [...PROMOTED, "experiment.promoted"],
  },
  "by hand": {
    cycle: "experiment",
    run: "succeeded",
    experiment: "rolled_back",
    roles: { base: "champion", "fine-tuned": "rejected" },
    promotions: ["first", "promotion", "rollback"],
    audit: [...PROMOTED, "experiment.extend", "experiment.await_approval", "experiment.rolled_back"],
  },
  cancelled: {
    cycle: "cancelled",
    run: "cancelled",
    experiment: null,
    roles: { base: "champion" },
    promotions: ["first"],
    audit: [...BEGUN, "cycle.cancelled"],
  },
};

/** A pulse may have had to start what was on record and never heard of, or to cancel a job; that it says so is right. */
const MAY_BE = new Set(["cycle.start_late", "experiment.start_late", "cycle.orphan_ended"]);

export async function verifyLife(life: Life, site: Site): Promise<string[]> {
  const faults: string[] = [];
  const parts = [verifyEnding, verifyTrainer, verifySaid, verifyAssignments, verifyAuditChain];
  for (const part of parts) faults.push(...(await part(life, site)));
  return faults;
}

async function verifyEnding({ kind, loop }: Life, { stack: { query } }: Site): Promise<string[]> {
  const wanted = ENDINGS[kind];
  const texts = async (text: string) => (await query(text, [loop])).map((row) => row.text as string);
  const found = {
    cycle: await texts("select coalesce(outcome, 'open') as text from cycle where loop = $1"),
    snapshots: await texts("select 'one' as text from snapshot where loop = $1"),
    run: await texts("select status as text from training_run where loop = $1"),
    experiment: await texts("select coalesce(outcome, status) as text from experiment where loop = $1"),
    roles: await texts("select kind || ' is ' || role as text from model where loop = $1 order by id"),
    promotions: await texts("select kind as text from promotion where loop = $1 order by id"),
    slot: await texts("select 'held' as text from slot where loop = $1 and released_at is null"),
    unsettled: await texts(
      // What a cancelled job cost nobody knows: its reservation goes on counting as spent.
      `select 'a reservation' as text from budget_reservation join training_run run on run.id = training_run_id
       where run.loop = $1 and run.status <> 'cancelled' and spent_micros is null`,
    ),
    alerts: await texts(
      `select kind || ' ' || subject as text from alert
       where loop = $1 and (kind = 'workflow_lost' or kind = 'orphan_job' and closed_at is null)`,
    ),
  };
  const right: typeof found = {
    cycle: [wanted.cycle],
    snapshots: ["one"],
    run: [wanted.run],
    experiment: wanted.experiment === null ? [] : [wanted.experiment],
    roles: Object.entries(wanted.roles).map(([model, role]) => `${model} is ${role}`),
    promotions: [...wanted.promotions],
    slot: [],
    unsettled: [],
    alerts: [],
  };
  const faults = Object.entries(right).flatMap(([what, expected]) =>
    differs(what, found[what as keyof typeof found], expected),
  );
  const looks = (await query("select number from look where loop = $1 order by number", [loop])).map(
    (row) => row.number,
  );
  if (!looks.every((number, index) => number === index + 1))
    faults.push(`looks: ${looks.join(", ")} have a gap or a double`);
  return faults;
}

async function verifyTrainer({ kind, loop }: Life, { stack }: Site): Promise<string[]> {
  const [run] = await stack.query("select key, job_id from training_run where loop = $1", [loop]);
  const get = async (path: string) => {
    const response = await fetch(`${stack.sandboxUrl}${path}`);
    return ((await response.json()) as { data: Record<string, unknown>[] }).data;
  };
  const jobs = (await get("/v1/fine_tuning/jobs?limit=100")).filter(
    (job) => (job.metadata as Record<string, string> | null)?.ratchet_key === run?.key,
  );
  const files = await stack.query(
    "select file.sha256 from snapshot_file file join snapshot on snapshot.id = file.snapshot_id where snapshot.loop = $1 and (file.name like 'training-%' or file.name like 'validation-%')",
    [loop],
  );
  const uploaded = (await get("/v1/files?limit=10000")).map((file) => file.filename as string);
  const twice = files
    .map(({ sha256 }) => [sha256 as string, uploaded.filter((name) => name.includes(sha256 as string)).length] as const)
    .filter(([, times]) => times !== 1)
    .map(([sha256, times]) => `the file ${sha256.slice(0, 8)}… is at the trainer ${times} times`);
  return [
    ...differs(
      "jobs",
      jobs.map((job) => job.status as string),
      [kind === "cancelled" ? "cancelled" : "succeeded"],
    ),
    ...(jobs.length === 1 && jobs[0]!.id !== run?.job_id ? ["the job on record is not the one at the trainer"] : []),
    ...twice,
  ];
}

/** What was acknowledged is there, once, and counted once; what was not is there once or not at all. */
async function verifySaid({ loop, ledger }: Life, { stack: { query } }: Site): Promise<string[]> {
  const faults: string[] = [];
  const keys = await query("select kind, client_id, id from ingest_key where loop = $1", [loop]);
  const idOf = new Map(keys.map((row) => [`${row.kind}/${row.client_id}`, row.id as string]));
  const times = async (table: "interaction" | "feedback") => {
    const rows = await query(`select id, count(*)::int as times from ${table} where loop = $1 group by id`, [loop]);
    return new Map(rows.map((row) => [row.id as string, row.times as number]));
  };
  const interactions = await times("interaction");
  const revisions = await times("feedback");
  const check = (what: string, count: number, acknowledged: boolean) => {
    if (count > 1 || (acknowledged && count === 0)) faults.push(`${what} is there ${count} times`);
  };
  for (const [id, { acknowledged }] of ledger.interactions)
    check(`interaction ${id}`, interactions.get(idOf.get(`interaction/${id}`) ?? "") ?? 0, acknowledged);
  for (const id of ledger.chats.keys()) check(`chat ${id}`, interactions.get(id) ?? 0, true);
  for (const [event, { acknowledged }] of ledger.ratings)
    check(`rating ${event}`, revisions.get(idOf.get(`feedback/${event}`) ?? "") ?? 0, acknowledged);

  const kept = await keptSums({ query }, loop);
  const counted = await recount({ query }, loop);
  for (const sum of Object.keys(counted) as (keyof typeof counted)[])
    if (!isDeepStrictEqual({ ...kept[sum] }, { ...counted[sum] }))
      faults.push(`${sum}: kept ${JSON.stringify(kept[sum])}, a recount gives ${JSON.stringify(counted[sum])}`);
  return faults;
}

/** Every unit had, in every interaction, the variant that the pure assignment gives it. */
async function verifyAssignments({ loop, ledger }: Life, { stack }: Site): Promise<string[]> {
  const hash = unitHasher(stack.secret);
  const users = new Map([...ledger.chats.values()].map(({ user }) => [hash(loop, `user:${user}`), user]));
  const rows = await stack.query(
    "select distinct unit, variant, phase from interaction where loop = $1 and experiment_id is not null",
    [loop],
  );
  const faults: string[] = [];
  for (const phase of ["experiment", "probation"] as const) {
    const met = rows.filter((row) => row.phase === phase);
    if (met.length === 0) continue;
    const routing = await readRoutingForever(stack, loop, phase);
    for (const { unit, variant } of met) {
      const user = users.get(unit as string);
      const right = user === undefined ? "nobody's" : assign(routing, unitOf({ user }), Date.now()).variant;
      if (variant !== right)
        faults.push(`${user ?? unit} had the ${variant} in the ${phase}, and the ${right} was assigned`);
    }
  }
  return faults;
}

async function verifyAuditChain({ kind, loop }: Life, { stack }: Site): Promise<string[]> {
  const { broken } = await stack.db.withLoop(loop, (tx) => verifyAudit(tx, loop));
  const entries = await stack.query("select action from audit where loop = $1 order by sequence", [loop]);
  const actions = entries.map((row) => row.action as string).filter((action) => !MAY_BE.has(action));
  return [
    ...(broken === null ? [] : [`the audit chain is broken at ${broken.sequence}: ${broken.why}`]),
    ...differs("audit", actions.toSorted(), ENDINGS[kind].audit.toSorted()),
  ];
}

function differs(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  if (isDeepStrictEqual(found, wanted)) return [];
  return [`${what}: ${found.join(", ") || "none"}; ${wanted.join(", ") || "none"} wanted`];
}

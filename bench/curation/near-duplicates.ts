// How well and how fast near-copies are found, beside rensa and datasketch on texts of the same kind.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BANDS, bandKeys } from "../../src/snapshot/near-duplicates/band-keys.ts";
import { findNearDuplicates } from "../../src/snapshot/near-duplicates/find-near-duplicates.ts";
import { type PlantedCopies, plainLikeness, plantCopies } from "../../test/snapshot/near-duplicates/planted-copies.ts";
import type { BenchmarkReport } from "../benchmark.ts";
import type { Table } from "../table.ts";
import { MINHASH_PEERS, runMinHashPeer } from "./minhash-peers.ts";

const LENGTH = 448;
const THRESHOLD = 0.8;
const SEED = 20261127;

/** Rows a second on one core, for the keys and the search together. */
const SPEED = 60_000;
const RECALL = 0.98;

/** The same against rensa in the same run, which a busy machine slows as well: on a quiet one it does 17,000 rows a second. */
const TIMES_RENSA = 3.5;

type Part = Pick<BenchmarkReport, "rows" | "limits"> & { tables: Table[]; notes: string[] };

interface Measured {
  name: string;
  rows: number;
  /** Of processor time, for a row. */
  nanoseconds: number;
  recall: number;
  falseMerges: number;
}

export async function measureNearDuplicates(quick: boolean): Promise<Part> {
  const planted = plantCopies(quick ? 20_000 : 100_000, LENGTH, SEED);
  const rounds = [];
  for (let round = 0; round < 3; round += 1) rounds.push(await searchOnce(planted.texts));
  const { duplicateOf } = rounds[0]!;
  const bytes = Math.max(...rounds.map((round) => round.bytes));
  // The quickest round: other work on the machine only ever adds.
  const keys = Math.min(...rounds.map((round) => round.keys));
  const whole = Math.min(...rounds.map((round) => round.keys + round.search));
  const ours = { name: "ours", rows: planted.texts.length, nanoseconds: whole, ...judge(planted, duplicateOf) };
  const notes: string[] = [];
  const peers: Measured[] = [];
  for (const peer of MINHASH_PEERS) {
    const set = plantCopies((quick ? 2_000 : 10_000) * (peer.library === "rensa" ? 5 : 1), LENGTH, SEED);
    const found = runMinHashPeer(peer, set.texts, THRESHOLD);
    if ("skipped" in found) notes.push(`${peer.library} is left out: ${found.skipped}`);
    else {
      const rows = set.texts.length;
      peers.push({ name: peer.pin, rows, nanoseconds: found.nanoseconds / rows, ...judge(set, found.duplicateOf) });
    }
  }
  const limit = 1e9 / SPEED;
  const speed = rate(ours);
  return {
    rows: [
      { subject: "band keys alone", nanoseconds: keys },
      { subject: "band keys and search", nanoseconds: whole },
      ...peers.map(({ name, nanoseconds }) => ({ subject: name, nanoseconds })),
    ].map(({ subject, nanoseconds }) => ({
      case: `a row of ${LENGTH} characters`,
      subject,
      nanoseconds,
      ratio: nanoseconds / limit,
    })),
    tables: [tableOf([ours, ...peers])],
    limits: [
      { limit: `near-copies: at least ${SPEED} rows a second of processor time (${speed})`, holds: speed >= SPEED },
      ...peers
        .filter(({ name }) => name.startsWith("rensa"))
        .map(({ nanoseconds }) => ({
          limit: `near-copies: at least ${TIMES_RENSA} times as fast as rensa (${(nanoseconds / whole).toFixed(1)})`,
          holds: nanoseconds / whole >= TIMES_RENSA,
        })),
      {
        limit: `near-copies: recall at least ${RECALL} where the likeness is ${THRESHOLD} or more (${ours.recall.toFixed(4)})`,
        holds: ours.recall >= RECALL,
      },
      { limit: `near-copies: no false merge (${ours.falseMerges})`, holds: ours.falseMerges === 0 },
    ],
    notes: [
      ...notes,
      `the search for near-copies took ${bytes.toFixed(0)} bytes a row at most, and their keys ${BANDS * 4}`,
    ],
  };
}

/** Nanoseconds of processor time a row for the keys and for the search, and the most that its arrays took, in bytes a row. */
async function searchOnce(texts: readonly string[]) {
  const count = texts.length;
  const bands = Array.from({ length: BANDS }, () => new Uint32Array(count));
  const keysStart = process.cpuUsage();
  for (const [row, text] of texts.entries())
    for (const [band, key] of bandKeys(text).entries()) bands[band]![row] = key;
  const keys = nanosecondsSince(keysStart) / count;
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  let most = before;
  const searchStart = process.cpuUsage();
  const { duplicateOf } = await findNearDuplicates({
    rows,
    band: (band) => bands[band]!,
    texts: (asked) => asked.map((row) => texts[row]!),
    threshold: THRESHOLD,
    onProgress: () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    },
  });
  return { keys, search: nanosecondsSince(searchStart) / count, duplicateOf, bytes: (most - before) / count };
}

/** Missed is a planted pair of the likeness of which both stay; false, a row dropped for one that is less alike than that. */
function judge({ texts, copiedFrom }: PlantedCopies, duplicateOf: ArrayLike<number>) {
  const alike = (one: number, other: number) => plainLikeness(texts[one]!, texts[other]!) >= THRESHOLD;
  let pairs = 0;
  let missed = 0;
  let falseMerges = 0;
  for (const [copy, original] of copiedFrom.entries()) {
    if (original !== -1 && alike(copy, original)) {
      pairs += 1;
      if (duplicateOf[copy] === -1 && duplicateOf[original] === -1) missed += 1;
    }
    const kept = duplicateOf[copy]!;
    if (kept !== -1 && !alike(copy, kept)) falseMerges += 1;
  }
  return { recall: 1 - missed / pairs, falseMerges };
}

function tableOf(measured: readonly Measured[]): Table {
  const ours = measured[0]!;
  return {
    title: `near-copies at a likeness of ${THRESHOLD}, ${LENGTH} characters, three rows in ten planted`,
    columns: ["what", "rows", "rows/s", "times ours", "recall", "false merges"],
    rows: measured.map((one) => [
      one.name,
      String(one.rows),
      String(rate(one)),
      (one.nanoseconds / ours.nanoseconds).toFixed(2),
      one.recall.toFixed(4),
      String(one.falseMerges),
    ]),
  };
}

/** Arrays that nobody has any more would count as if they were needed. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

function rate({ nanoseconds }: Measured): number {
  return Math.round(1e9 / nanoseconds);
}

function nanosecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}

// How fast tokens are counted, beside the packages that do the same, and how long a hostile row takes.
import { countTokens as countByPackage } from "gpt-tokenizer/encoding/o200k_base";
import { pick, seededRandom } from "../../src/sandbox/seeded-random.ts";
import { countTokens } from "../../src/snapshot/tokens.ts";
import { ownLines } from "../../test/snapshot/redaction/labelled-lines.ts";
import type { BenchmarkReport } from "../benchmark.ts";
import { nodePackages } from "../peers/node-packages.ts";
import type { Table } from "../table.ts";

/** Tokens a second of processor time, warm. */
const SPEED = 2_000_000;
/** Milliseconds of processor time for one row, warm. */
const HOSTILE = 50;

const ROW = 880;
const ROUNDS = 9;
const PEERS = ["js-tiktoken@1.0.21", "tiktoken@1.0.22"];

type Count = (text: string) => number;
type Part = Pick<BenchmarkReport, "rows" | "limits"> & { tables: Table[]; notes: string[] };

interface Encoder {
  encode(text: string, allowed: string[], disallowed: string[]): ArrayLike<number>;
}

/** Rows of 880 characters out of the marked lines of the tests, shuffled by a seed: no two are alike, and words come again as they do among people. */
export function measureTokens(quick: boolean): Part {
  const rows = rowsOf(quick ? 200 : 1000);
  const notes: string[] = [];
  const first = processorTime(() => sum(rows, countTokens));
  const ours = median(() => sum(rows, countTokens), quick ? 3 : ROUNDS);
  const few = rows.slice(0, quick ? 20 : 100);
  const packages = nodePackages(PEERS);
  if ("skipped" in packages) notes.push(`js-tiktoken and tiktoken are left out: ${packages.skipped}`);
  const peers: [string, Count][] = [
    ["gpt-tokenizer 4.0.0", (text) => countByPackage(text, { disallowedSpecial: new Set() })],
    ...("skipped" in packages ? [] : encoders(packages)),
  ];
  const tokens = sum(rows, countTokens);
  const perRow = ours.nanoseconds / rows.length;
  const speeds = peers.map(([subject, count]) => {
    if (sum(few, count) !== sum(few, countTokens)) notes.push(`${subject} counts these rows otherwise`);
    return { subject, nanoseconds: median(() => sum(few, count), quick ? 1 : 5).nanoseconds / few.length };
  });
  const speed = (tokens / ours.nanoseconds) * 1e9;
  notes.push(
    `tokens: ${millions(speed)} million a second of processor time warm, ${millions((tokens / first.nanoseconds) * 1e9)} the first time`,
  );
  const hostile = hostileRows().map(([name, text]) => {
    const cold = processorTime(() => countTokens(text)).nanoseconds;
    return {
      name,
      length: text.length,
      tokens: countTokens(text),
      cold,
      warm: median(() => countTokens(text), 3).nanoseconds,
    };
  });
  const worst = Math.max(...hostile.map(({ warm }) => warm)) / 1e6;
  return {
    rows: [{ subject: "countTokens", nanoseconds: perRow }, ...speeds].map(({ subject, nanoseconds }) => ({
      case: "tokens of a row of 880 characters",
      subject,
      nanoseconds,
      ratio: nanoseconds / speeds[0]!.nanoseconds,
    })),
    tables: [
      {
        title: "hostile rows: milliseconds of processor time; the ratio is against ordinary rows of the same length",
        columns: ["row", "characters", "tokens", "first", "warm", "ratio"],
        rows: hostile.map(({ name, length, tokens: counted, cold, warm }) => [
          name,
          String(length),
          String(counted),
          (cold / 1e6).toFixed(1),
          (warm / 1e6).toFixed(1),
          (warm / ((perRow / ROW) * length)).toFixed(2),
        ]),
      },
    ],
    limits: [
      {
        limit: `at least ${millions(SPEED)} million tokens a second of processor time, warm (${millions(speed)})`,
        holds: speed >= SPEED,
      },
      {
        limit: `at most ${HOSTILE} ms of processor time for the worst hostile row, warm (${worst.toFixed(1)})`,
        holds: worst <= HOSTILE,
      },
    ],
    notes,
  };
}

function encoders(packages: NodeJS.Require): [string, Count][] {
  const js: Encoder = packages("js-tiktoken").getEncoding("o200k_base");
  const wasm: Encoder = packages("tiktoken").get_encoding("o200k_base");
  return [
    ["js-tiktoken 1.0.21", (text) => js.encode(text, [], []).length],
    ["tiktoken 1.0.22 (wasm)", (text) => wasm.encode(text, [], []).length],
  ];
}

function rowsOf(count: number): string[] {
  const random = seededRandom(31);
  const lines = ownLines().map(({ text }) => text);
  return Array.from({ length: count }, () => {
    let row = "";
    while (row.length < ROW) row += `${pick(lines, random)} `;
    return row.slice(0, ROW);
  });
}

function hostileRows(): [string, string][] {
  const random = seededRandom(32);
  const of = (letters: string, length: number) => Array.from({ length }, () => pick([...letters], random)).join("");
  const range = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => String.fromCharCode(first + index)).join("");
  const base64 = of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 100_000);
  return [
    ["60,000 times one letter", "a".repeat(60_000)],
    ["60,000 spaces", " ".repeat(60_000)],
    ["60,000 hyphens", "-".repeat(60_000)],
    ["lone surrogates", "\ud800".repeat(60_000)],
    ["NUL", "\0".repeat(60_000)],
    ["<|endoftext|>", "<|endoftext|>".repeat(5_000)],
    ["random letters", of("abcdefghijklmnopqrstuvwxyz", 60_000)],
    ["random ideographs", of(range(0x4e00, 3000), 60_000)],
    ["random syllables (Hangul)", of(range(0xac00, 11_000), 60_000)],
    ["random base64, 10 MB", base64.repeat(100)],
    ["one letter, 10 MB", "a".repeat(10_000_000)],
    ["ordinary rows, 10 MB", rowsOf(1000).join("").repeat(12).slice(0, 10_000_000)],
  ];
}

function sum(texts: readonly string[], count: Count): number {
  return texts.reduce((total, text) => total + count(text), 0);
}

function processorTime(work: () => number): { nanoseconds: number } {
  const before = process.cpuUsage();
  if (Number.isNaN(work())) throw new Error("the measured work gave no number");
  const { user, system } = process.cpuUsage(before);
  return { nanoseconds: (user + system) * 1000 };
}

/** After a warm-up. A machine that does other things as well does not change processor time much. */
function median(work: () => number, rounds: number): { nanoseconds: number } {
  processorTime(work);
  const times = Array.from({ length: rounds }, () => processorTime(work).nanoseconds).sort((a, b) => a - b);
  return { nanoseconds: times[Math.floor(rounds / 2)]! };
}

function millions(count: number): string {
  return (count / 1e6).toFixed(2);
}

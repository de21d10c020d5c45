// Points around every transaction: before it begins, when all of it is done but the commit, and when the commit is carried
// out and the process does not know. A transaction is named by the function that asked for it.
import { basename } from "node:path";
import pg from "pg";
import { currentScope, type Scope } from "./scope.ts";

interface Open {
  readonly scope: Scope;
  readonly step: string;
  readonly writes: Set<string>;
  audit: string | null;
}

type Query = (...given: unknown[]) => Promise<unknown>;

const open = new WeakMap<object, Open>();

export function watchTransactions(): void {
  Error.stackTraceLimit = 40; // the caller of a transaction stands behind the pool and the driver
  const query = pg.Client.prototype.query as Query;
  (pg.Client.prototype as { query: Query }).query = function (this: object, ...given) {
    const ask = () => query.apply(this, given);
    const [what] = given as [string | { text?: string; values?: unknown[] } | undefined];
    const text = typeof what === "string" ? what : (what?.text ?? "");
    if (/^\s*begin\b/i.test(text)) return begin(this, ask);
    const transaction = open.get(this);
    if (transaction === undefined) return ask();
    if (/^\s*commit\b/i.test(text)) return commit(this, transaction, ask);
    if (/^\s*rollback\b/i.test(text)) open.delete(this);
    else note(transaction, text, typeof what === "object" ? (what.values ?? []) : []);
    return ask();
  };
}

function begin(client: object, ask: () => Promise<unknown>): Promise<unknown> {
  const scope = currentScope();
  open.delete(client);
  if (scope === undefined) return ask();
  const step = scope.step(`transaction ${callerIn(new Error().stack ?? "")}`.trim());
  open.set(client, { scope, step, writes: new Set(), audit: null });
  return scope.pass(step, "before").then(ask);
}

async function commit(client: object, transaction: Open, ask: () => Promise<unknown>): Promise<unknown> {
  const { scope, step, audit } = transaction;
  const more = { writes: [...transaction.writes], audit };
  open.delete(client);
  await scope.pass(step, "during", more);
  const answer = await ask();
  const { go } = await scope.pass(step, "committed, not heard", more);
  if (go === "lost") throw new Error("Connection terminated unexpectedly");
  return answer;
}

function note(transaction: Open, text: string, values: readonly unknown[]): void {
  for (const [, table] of text.matchAll(
    /\b(?:insert\s+into|update|delete\s+from)\s+(\w+)\s+(?!skip\b|nowait\b|of\b)/gi,
  ))
    if (table!.toLowerCase() !== "set") transaction.writes.add(table!);
  const ACTION = 4; // its place in the insert of store/audit.ts
  if (/^\s*insert\s+into\s+audit\s/i.test(text)) transaction.audit = String(values[ACTION]);
}

/** Where the functions are that a transaction is named after: not what stands around every activity and request. */
const NAMED = /^(?!activities\/(heartbeat|final-faults)\.)(activities|api|serving|store)\//;

/** The innermost of our functions; where it has no name, its file's; "" when none waits for it. */
function callerIn(stack: string): string {
  for (const frame of stack.split("\n")) {
    const place =
      /(?:at (?:async )?(?:(?<name>\S+) (?:\[as \w+\] )?\()?)file:(?!\S+node_modules)\S+\/src\/(?<path>\S+?\.ts):/.exec(
        frame,
      )?.groups;
    if (place === undefined || !NAMED.test(place.path!)) continue;
    const name = place.name?.split(".").at(-1);
    return name === undefined || name === "<anonymous>" ? basename(place.path!, ".ts") : name;
  }
  return "";
}

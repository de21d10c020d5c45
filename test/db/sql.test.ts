import assert from "node:assert/strict";
import { test } from "node:test";
import { sql, textOf } from "../../src/db/sql.ts";

test("values become numbered parameters, never text", () => {
  const hostile = "'; drop table loop; --";
  const query = sql`select * from loop where name = ${hostile} and settings_version > ${3}`;
  assert.equal(textOf(query), "select * from loop where name = $1 and settings_version > $2");
  assert.deepEqual(query.values, [hostile, 3]);
});

test("pieces stand inside pieces, and the parameters stay in order", () => {
  const inner = sql`b = ${2} or c = ${3}`;
  const query = sql`select ${sql`x, ${sql`y`}`} from t where a = ${1} and (${inner}) and d = ${4}`;
  assert.equal(textOf(query), "select x, y from t where a = $1 and (b = $2 or c = $3) and d = $4");
  assert.deepEqual(query.values, [1, 2, 3, 4]);
});

test("what merely looks like a piece is a value: only the tag makes one", () => {
  const forged = { strings: ["true; drop table loop; --"], values: [] };
  const query = sql`select ${forged}`;
  assert.equal(textOf(query), "select $1");
  assert.deepEqual(query.values, [forged]);
});

test("arrays, dates, buffers and null are values too", () => {
  const values = [[1, 2], new Date(0), Buffer.from("x"), null, undefined];
  const query = sql`${values[0]},${values[1]},${values[2]},${values[3]},${values[4]}`;
  assert.equal(textOf(query), "$1,$2,$3,$4,$5");
  assert.deepEqual(query.values, values);
});

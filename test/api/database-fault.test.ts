import assert from "node:assert/strict";
import { test } from "node:test";
import { databaseFault } from "../../src/api/database-fault.ts";

const coded = (code: string) => Object.assign(new Error("refused"), { code });

test("a connection that broke is unavailable, and nobody claims that nothing was recorded", () => {
  const broken = [
    new Error("Connection terminated unexpectedly"),
    new Error("Connection terminated"),
    new Error("Client has encountered a connection error and is not queryable"),
    coded("ECONNRESET"),
    coded("57P01"),
    coded("08006"),
  ];
  for (const error of broken) {
    const fault = databaseFault(error);
    assert.equal(fault?.code, "unavailable", error.message);
    assert.match(fault?.hint ?? "", /may have been done/);
    assert.equal(fault?.cause, error);
  }
});

test("a database that was never reached, or that rolled back, recorded nothing", () => {
  const refused = [
    coded("ECONNREFUSED"),
    coded("53300"),
    coded("40001"),
    new Error("timeout exceeded when trying to connect"),
  ];
  for (const error of refused) {
    const fault = databaseFault(error);
    assert.equal(fault?.code, "unavailable", error.message);
    assert.match(fault?.hint ?? "", /^nothing was recorded/);
  }
});

test("a value that does not fit is the request's fault, and a bug of ours is nobody's", () => {
  assert.equal(databaseFault(coded("22003"))?.code, "invalid");
  assert.equal(databaseFault(coded("42P01")), null);
  assert.equal(databaseFault(new Error("cannot read properties of undefined")), null);
  assert.equal(databaseFault("Connection terminated"), null);
});

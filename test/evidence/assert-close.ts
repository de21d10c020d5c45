// Equal up to a relative tolerance, as test vectors state it.

import assert from "node:assert/strict";

export function assertClose(found: number, wanted: number, relative: number, where: string): void {
  const off = Math.abs(found - wanted) / Math.max(Math.abs(wanted), Number.MIN_VALUE);
  assert.ok(
    found === wanted || off <= relative,
    `${where}: ${found}, wanted ${wanted} (off by ${off.toExponential(1)})`,
  );
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { boundWidth, logEValue, phiAtStart } from "../../src/evidence/e-value.ts";
import { assertClose } from "./assert-close.ts";
import { sharedVectors } from "./shared-vectors.ts";

interface BoundVector {
  inputs: { delta: number; V: number; phi: number; alpha: number; theta0: number };
  outputs: { log_e: number; lcb: number; b: number };
}

const shared = sharedVectors<BoundVector>("cs-");
test("e-values and bounds reproduce the shared vectors", { skip: shared.skip }, () => {
  assert.ok(shared.vectors.length >= 4);
  for (const { id, inputs, outputs } of shared.vectors) {
    const effect = inputs.delta - inputs.theta0;
    assertClose(logEValue(effect, inputs.V, inputs.phi), outputs.log_e, 1e-8, id);
    const width = boundWidth(inputs.alpha, inputs.V, inputs.phi);
    assertClose(width, outputs.b, 1e-6, id);
    assertClose(inputs.delta - width * Math.sqrt(inputs.V), outputs.lcb, 1e-6, id);
  }
});

test("the e-value is the mean likelihood ratio over effects drawn from the half-normal, by numeric integration", () => {
  for (const [effect, variance, phi] of [
    [0.05, 0.0004, 0.06],
    [-0.03, 0.0009, 0.06],
    [0.1, 0.01, 0.03],
    [0, 0.0001, 0.08],
  ] as const) {
    const steps = 20_000;
    const step = (12 * phi) / steps;
    let mean = 0;
    for (let index = 0; index < steps; index++) {
      const true_ = (index + 0.5) * step;
      const density = (2 / (phi * Math.sqrt(2 * Math.PI))) * Math.exp(-(true_ ** 2) / (2 * phi ** 2));
      mean += density * step * Math.exp((effect * true_ - true_ ** 2 / 2) / variance);
    }
    assertClose(logEValue(effect, variance, phi), Math.log(mean), 1e-6, `${effect}, ${variance}, ${phi}`);
  }
});

test("at the bound the e-value is exactly one over alpha", () => {
  for (const alpha of [0.9, 0.2, 0.05, 0.001, 1e-9]) {
    for (const variance of [1e-8, 4e-4, 0.3]) {
      const effect = boundWidth(alpha, variance, 0.06) * Math.sqrt(variance);
      assertClose(logEValue(effect, variance, 0.06), -Math.log(alpha), 1e-9, `${alpha}, ${variance}`);
    }
  }
});

test("far out on both sides the e-value stays finite and in order", () => {
  const effects = [-1, -0.5, -0.1, 0, 0.1, 0.5, 1];
  for (const variance of [1e-9, 1e-4, 1]) {
    const values = effects.map((effect) => logEValue(effect, variance, 0.06));
    assert.ok(values.every(Number.isFinite));
    assert.deepEqual(
      values.toSorted((a, b) => a - b),
      values,
    );
  }
});

test("millions of standard errors below, the e-value still goes by Mills' ratio and not by what is left of rounding", () => {
  for (const effect of [-1, -1e3, -1e8]) {
    const [variance, phi] = [1e-14, 1];
    const wanted = Math.LN2 - Math.log1p(1 / variance) / 2 - Math.log((-effect / 1e-7) * Math.sqrt(2 * Math.PI));
    assertClose(logEValue(effect, variance, phi), wanted, 1e-6, `${effect}`);
  }
});

test("no variance, no phi and no alpha are errors that say so", () => {
  assert.throws(() => logEValue(0.1, 0, 0.06), /variance .* not 0/);
  assert.throws(() => logEValue(0.1, Number.NaN, 0.06), /variance .* not NaN/);
  assert.throws(() => logEValue(0.1, 0.01, 0), /phi .* not 0/);
  assert.throws(() => boundWidth(1, 0.01, 0.06), /alpha .* not 1/);
  assert.throws(() => boundWidth(0.05, 1, 1e-100), /phi .* too small/);
});

test("phi is one and a half times the wanted lift on the champion's rate", () => {
  assertClose(phiAtStart(0.05, 0.8), 0.06, 1e-12, "at .80");
  assertClose(phiAtStart(0.05, 0.5), 0.0375, 1e-12, "at .50");
  for (const unknown of [null, 0, Number.NaN, 1.5]) assertClose(phiAtStart(0.05, unknown), 0.06, 1e-12, `${unknown}`);
  assertClose(phiAtStart(0, 0.8), 0.06, 1e-12, "any improvement is welcome: the usual scale");
  assert.equal(phiAtStart(0.001, 0.8), 0.005);
  assert.equal(phiAtStart(0.8, 0.9), 1, "no two shares differ by more");
});

test("phi of a number goes by the number's size, also below 0, and by 1 where none is known", () => {
  assertClose(phiAtStart(0.05, -1500, "number"), 112.5, 1e-12, "a cost");
  for (const unknown of [null, 0, Number.NaN, Infinity])
    assertClose(phiAtStart(0.05, unknown, "number"), 0.075, 1e-12, `${unknown}`);
  assertClose(phiAtStart(0, 160, "number"), 12, 1e-12, "any improvement");
  assertClose(phiAtStart(0.001, 160, "number"), 1, 1e-12, "next to none");
});

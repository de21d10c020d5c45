// The workflows that a worker runs.
export { cycle } from "./cycle.ts";
export { experiment } from "./experiment.ts";
export { pulse } from "./pulse.ts";
export { rebuild } from "./rebuild.ts";

// An experiment as the API answers it, with the names of its models, for tests of what people read.

export const NAMES = new Map([
  ["m1", "base"],
  ["m2", "loop-v1"],
]);

/** A running experiment of a fixed share, begun by the loop itself, that nobody has looked at. */
export const RUNNING = {
  id: "e1",
  loop: "loop",
  champion_id: "m1",
  challenger_id: "m2",
  share: 0.1,
  phases: [{ share: 0.1, from: "2026-03-01T10:00:00.000Z", open: true }],
  parameters: { share: 0.1, minDuration: 172_800_000, lookEvery: 1_800_000, holdback: 0.05 },
  status: "running",
  started_at: "2026-03-01T10:00:00.000Z",
  started_by: "ratchet",
  ends_at: "2026-03-15T10:00:00.000Z",
  paused_at: null,
  approval_until: null,
  probation_until: null,
  outcome: null,
  outcome_reason: null,
  closed_at: null,
  closed_by: null,
  looks: [],
};

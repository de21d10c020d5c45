// Every kind of alert there is. docs/operate.md says of each what it means and what to look at.
export const ALERT_KINDS = [
  "approval",
  "action_approval",
  "spike",
  "error_rate",
  "stuck",
  "workflow_lost",
  "workflow_reset",
  "check_alarm",
  "approval_wanted",
  "looks_worse",
  "look_failed",
  "trainer_closed",
  "orphan_job",
  "narrowing",
] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

// Which conditions deserve an operator's attention, and which open alerts they open or close.
import type { AlertKind } from "../domain/alert-kind.ts";
import { approvalPercent, type Thumbs } from "./health.ts";
import { count, percent } from "./words.ts";

/** The kinds of alert that this analysis opens and closes: what other parts opened is not its to close. */
const CONDITION_KINDS = ["approval", "action_approval", "spike", "error_rate"] as const satisfies readonly AlertKind[];
export type ConditionKind = (typeof CONDITION_KINDS)[number];

/** Whether an alert is one of them. */
export function isCondition<Alert extends { kind: AlertKind }>(alert: Alert): alert is Alert & { kind: ConditionKind } {
  return (CONDITION_KINDS as readonly AlertKind[]).includes(alert.kind);
}

export interface AlertFacts {
  readonly overall: Thumbs;
  readonly byAction: readonly (Thumbs & { readonly actionType: string })[];
  /** Thumbs down today so far, and on each of the days before (the trailing window). */
  readonly downToday: number;
  readonly downByDay: readonly number[];
  readonly requests: number;
  readonly failedRequests: number;
}

export interface AlertThresholds {
  /** Shares, from 0 to 1; null switches a condition off. */
  readonly approvalBelow: number | null;
  readonly actionApprovalBelow: number | null;
  /** How many times the trailing daily mean of thumbs down today's number must reach. */
  readonly spike: number | null;
  readonly errorRate: number | null;
  /** Fewest ratings (overall, for an action) and requests for a share to speak. */
  readonly minRatings: number;
  readonly minActionRatings: number;
  readonly minRequests: number;
  /** Fewest thumbs down today that can be a spike. */
  readonly minSpike: number;
}

/** Enough that one angry person is not an alarm. */
export const LEAST_NUMBERS = { minRatings: 20, minActionRatings: 20, minRequests: 20, minSpike: 5 } as const;

export interface Condition {
  readonly kind: ConditionKind;
  /** What it is about: an action type, or "" for the whole loop. One alert is open for each kind and subject. */
  readonly subject: string;
  readonly words: string;
  readonly numbers: Readonly<Record<string, number>>;
}

/** Every condition that holds now, the loop's own first, then actions in the order given. */
export function conditions(facts: AlertFacts, thresholds: AlertThresholds): Condition[] {
  return [
    ...lowApproval("approval", "", facts.overall, thresholds.approvalBelow, thresholds.minRatings),
    ...spike(facts, thresholds),
    ...errorRate(facts, thresholds),
    ...facts.byAction.flatMap((action) =>
      lowApproval(
        "action_approval",
        action.actionType,
        action,
        thresholds.actionApprovalBelow,
        thresholds.minActionRatings,
      ),
    ),
  ];
}

/** What to open and what to close, so that open alerts are exactly the conditions that hold. An alert that stays open is in neither. */
export function reconcileAlerts<Open extends Pick<Condition, "kind" | "subject">>(
  open: readonly Open[],
  holding: readonly Condition[],
): { open: Condition[]; close: Open[] } {
  const opened = new Set(open.map(identity));
  const held = new Set(holding.map(identity));
  return {
    open: holding.filter((condition) => !opened.has(identity(condition))),
    close: open.filter((alert) => !held.has(identity(alert))),
  };
}

function identity({ kind, subject }: Pick<Condition, "kind" | "subject">): string {
  return `${kind}\n${subject}`;
}

function lowApproval(
  kind: ConditionKind,
  subject: string,
  thumbs: Thumbs,
  below: number | null,
  fewest: number,
): Condition[] {
  const ratings = thumbs.up + thumbs.down;
  if (below === null || ratings === 0 || ratings < fewest || thumbs.up / ratings >= below) return [];
  const whose =
    kind === "approval"
      ? "approval"
      : subject === ""
        ? "approval of answers without an action"
        : `approval of "${subject}"`;
  const words = `${whose} is ${approvalPercent(thumbs)} % of ${count(ratings)} ratings, below ${percent(below)}`;
  return [{ kind, subject, words, numbers: { approval: thumbs.up / ratings, ratings, below } }];
}

/** A mean below one a day counts as one: after days without any, five thumbs down are a spike and one is not. */
function spike(facts: AlertFacts, thresholds: AlertThresholds): Condition[] {
  const { downToday, downByDay } = facts;
  if (thresholds.spike === null || downByDay.length === 0 || downToday < thresholds.minSpike) return [];
  const mean = downByDay.reduce((sum, down) => sum + down, 0) / downByDay.length;
  if (downToday < thresholds.spike * Math.max(1, mean)) return [];
  const usual = Math.round(mean * 10) / 10;
  const words = `${count(downToday)} thumbs down today, ${usual} a day in the ${downByDay.length} days before`;
  return [{ kind: "spike", subject: "", words, numbers: { today: downToday, mean, factor: thresholds.spike } }];
}

function errorRate(facts: AlertFacts, thresholds: AlertThresholds): Condition[] {
  const { requests, failedRequests } = facts;
  if (thresholds.errorRate === null || requests === 0 || requests < thresholds.minRequests) return [];
  const rate = failedRequests / requests;
  if (rate < thresholds.errorRate) return [];
  const words = `${percent(rate)} of ${count(requests)} requests failed, limit ${percent(thresholds.errorRate)}`;
  return [{ kind: "error_rate", subject: "", words, numbers: { rate, requests, limit: thresholds.errorRate } }];
}

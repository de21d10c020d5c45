// The story, chapter by chapter: from the first rating to a champion in peace.
import { figure, percent } from "../cli/terminal/figures.ts";
import type { Application } from "./application.ts";
import { type Asking, approve } from "./approve.ts";
import { collect } from "./collect.ts";
import type { DividedCorpus } from "./divide-corpus.ts";
import { guard } from "./guard.ts";
import { heldOutAccuracy } from "./held-out.ts";
import { learn } from "./learn.ts";
import { prove } from "./prove.ts";
import { type DemoResult, rounded, shortcoming } from "./result.ts";
import type { Scene } from "./scene.ts";
import { LOOP } from "./settings.ts";
import { approvalBars, resultTable } from "./show-result.ts";
import type { Traffic } from "./traffic.ts";

export interface StoryOptions {
  readonly scene: Scene;
  /** Asks with an operator's key. */
  readonly operatorsApplication: Application;
  readonly heldOut: DividedCorpus["heldOut"];
  readonly openDoors: () => Traffic;
  readonly asking: Asking;
}

/** A promotion is served within this, in milliseconds; what is asked earlier counts for neither side. */
const SERVED_WITHIN = 1_000;

/** Tells it, writing into `result` what is known as soon as it is. Throws when it ends otherwise than well. */
export async function tellStory(
  { scene, operatorsApplication, heldOut, openDoors, asking }: StoryOptions,
  result: DemoResult,
): Promise<void> {
  const { terminal, operator, ledger, clock } = scene;
  const accuracy = () => heldOutAccuracy(operatorsApplication, LOOP, heldOut);

  result.champion_before = (await operator.status()).champion.name;
  result.held_out_accuracy.before = rounded(await accuracy());
  terminal.say(
    `${result.champion_before} gets ${percent(result.held_out_accuracy.before!)} of ${figure(heldOut.length)} held-out utterances right.`,
  );

  const traffic = openDoors();
  const cycleId = await collect(scene);
  result.cycle_id = cycleId;
  const experimentId = await learn(scene, cycleId);
  const experiment = await prove(scene, experimentId);
  const before = { to: experiment.started_at.getTime() };
  result.approval_before = rounded(ledger.approval(before).share);

  const challenger =
    (await operator.models()).find(({ id }) => id === experiment.challenger_id)?.name ?? experiment.challenger_id;
  await approve(scene, experiment, challenger, asking);
  const after = { from: clock() + SERVED_WITHIN };
  await guard(scene, experimentId, after.from);
  await traffic.stop();

  result.champion_after = (await operator.status()).champion.name;
  result.approval_after = rounded(ledger.approval(after).share);
  result.held_out_accuracy.after = rounded(await accuracy());

  terminal.heading("Approval by action");
  terminal.lines(approvalBars(ledger.byAction(before), ledger.byAction(after)));
  terminal.heading("Before and after");
  terminal.lines(
    resultTable(result, { before: ledger.approval(before).ratings, after: ledger.approval(after).ratings }),
  );
  result.ratings = ledger.ratings;
  const record = {
    promotedBy: await operator.promotedBy(experimentId),
    countedRatings: await operator.countedRatings(),
  };
  result.reason = shortcoming(result, record);
}

// Takes what people say of answers, in both shapes, and shows it: recent, summed up, and as failure patterns.
import { z } from "@hono/zod-openapi";
import { failurePatterns } from "../analysis/patterns.ts";
import {
  type Feedback,
  feedbackFrom,
  type MessageRatingInput,
  messageRatingInput,
  type RatingInput,
  ratingInput,
} from "../domain/feedback.ts";
import { type Interaction, interactionFrom, interactionInput } from "../domain/interaction.ts";
import { recentFeedback, recordFeedback } from "../store/feedback/record.ts";
import { thumbsByAction, thumbsDown } from "../store/feedback/summary.ts";
import { recordInteractions } from "../store/interactions.ts";
import { loadLoop } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { inputFault } from "./input-fault.ts";
import { oneOrMany } from "./one-or-many.ts";
import { page, pageById, pageOf, pageQuery, wholeList } from "./paging.ts";
import { mergeUnknown, rate } from "./rates.ts";
import { answerIds, idsAnswer } from "./recorded.ts";

type Given = RatingInput | MessageRatingInput;

const isOlder = (item: unknown) => typeof item === "object" && item !== null && "message_id" in item;
const body = oneOrMany<Given>(
  (item) => (isOlder(item) ? messageRatingInput : ratingInput),
  ["Rating", "MessageRating"],
);

const summary = z.object({
  summary: z.array(
    z.object({
      action_type: z.string(),
      total_feedback: z.number(),
      thumbs_up: z.number(),
      thumbs_down: z.number(),
      approval_rate: z.number(),
    }),
  ),
});

/** Mounts the routes of feedback, the export excepted. */
export function feedbackRoutes(api: Api, deps: ApiDeps): void {
  const { db, log } = deps;
  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/feedback",
      summary: "Record one rating, or up to 1,000, in today's shape or the older one",
      scopes: ["feedback"],
      loop: "query",
      body,
      answer: idsAnswer(202, "Committed, and in every summary"),
    },
    async ({ context, loop, body: { items, many } }) => {
      const now = new Date(deps.clock());
      const { interactions, feedback } = understand(items, (unit) => deps.hash(loop, unit), now);
      await refuseWordsForMetrics(deps, loop, feedback, many);
      // Two transactions: each takes its locks in the stores' order. What is cut off in between is completed by a repeat.
      if (interactions.length > 0) await db.withLoop(loop, (tx) => recordInteractions(tx, loop, interactions));
      const ids = await deps.metrics.recording("feedback", () =>
        db.withLoop(loop, (tx) => recordFeedback(tx, loop, feedback, now)),
      );
      log.info({ event: "feedback_recorded", loop, count: ids.length });
      return context.json(answerIds(ids, many), 202);
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/feedback",
      summary: "Recent feedback, or with type=summary the thumbs by action",
      scopes: ["read"],
      loop: "query",
      query: pageQuery.extend({ type: z.enum(["summary"]).optional() }),
      answer: {
        status: 200,
        description: "A page of revisions, the newest first; or the summary",
        schema: z.union([pageOf(), summary]),
      },
    },
    async ({ context, loop, query }) => {
      if (query.type === "summary") {
        const actions = mergeUnknown(await db.withLoop(loop, (tx) => thumbsByAction(tx, loop)));
        return context.json(
          {
            summary: actions.map(({ actionType, up, down }) => ({
              action_type: actionType,
              total_feedback: up + down,
              thumbs_up: up,
              thumbs_down: down,
              approval_rate: rate({ up, down }),
            })),
          },
          200,
        );
      }
      const rows = await db.withLoop(loop, (tx) => recentFeedback(tx, loop, pageById(query)));
      return context.json(
        page(rows, query, (row) => row.id),
        200,
      );
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/feedback/patterns",
      summary:
        "What the assistant keeps getting wrong: prompts rated down more than twice, near-copies counted together",
      scopes: ["read"],
      loop: "query",
      answer: { status: 200, description: "At most 20 patterns, the most frequent first", schema: pageOf() },
    },
    async ({ context, loop }) => {
      const failed = await db.withLoop(loop, (tx) => thumbsDown(tx, loop));
      const patterns = failurePatterns(failed, { asOf: new Date(deps.clock()) });
      const shown = patterns.map(({ prompt, count, actionTypes, trend, firstAt, lastAt, examples }) => ({
        prompt,
        count,
        action_types: actionTypes,
        trend,
        first_at: firstAt,
        last_at: lastAt,
        examples,
      }));
      return context.json(wholeList(shown), 200);
    },
  );
}

/**
 * Words under the name of a metric would be left out of every experiment without anybody's notice. Settings are read only where there
 * are words at all.
 */
async function refuseWordsForMetrics(
  { db }: ApiDeps,
  loop: string,
  feedback: readonly Feedback[],
  many: boolean,
): Promise<void> {
  if (feedback.every(({ value }) => typeof value !== "string")) return;
  const { metrics } = (await db.withLoop(loop, (tx) => loadLoop(tx, loop))).settings.experiment;
  const faults = feedback.flatMap(({ name, value }, index) => {
    if (typeof value !== "string" || !metrics.some((metric) => metric.name === name)) return [];
    const message = `is a text, and "${name}" is a metric of this loop: send a number, or true or false, or null to withdraw it`;
    return [{ code: "custom" as const, path: [...(many ? [index] : []), "value"], message, input: undefined }];
  });
  if (faults.length > 0) throw inputFault({ issues: faults }, "the body");
}

/** What the items say: interactions to record first (the older shape brings its own), and one rating each, in order. */
function understand(
  items: readonly Given[],
  hash: (unit: string) => string,
  now: Date,
): { interactions: Interaction[]; feedback: Feedback[] } {
  const interactions: Interaction[] = [];
  const feedback = items.map((item) => {
    if (!("message_id" in item)) return feedbackFrom(item, hash);
    interactions.push(interactionOf(item, hash, now));
    const rating = {
      interaction_id: item.message_id,
      user_id: item.user_id,
      value: item.feedback,
      action_type: item.action_type,
    };
    return feedbackFrom(ratingInput.parse(rating), hash);
  });
  return { interactions, feedback };
}

function interactionOf(item: MessageRatingInput, hash: (unit: string) => string, now: Date): Interaction {
  const input = interactionInput.parse({
    id: item.message_id,
    user_id: item.user_id,
    messages: [{ role: "user", content: item.user_message }],
    response: item.assistant_response,
    action_type: item.action_type,
    action_data: item.action_data,
  });
  return interactionFrom(input, hash, now);
}

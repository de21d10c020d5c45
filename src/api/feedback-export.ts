// Approved interactions as JSONL, redacted as the loop's settings say, streamed a chunk at a time.
import { z } from "@hono/zod-openapi";
import { lastUserText } from "../domain/message.ts";
import { answerMessage, isBlank, isEmptyAnswer } from "../snapshot/answer.ts";
import { cleanExample } from "../snapshot/clean-example.ts";
import { exportLine } from "../snapshot/export-line.ts";
import { createRedactor, type Redactor } from "../snapshot/redact.ts";
import { type ApprovedInteraction, approvedAfter, FIRST } from "../store/feedback/export.ts";
import { loadLoop } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";

const CHUNK = 500;

/** Mounts GET /api/feedback/export. */
export function feedbackExportRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/feedback/export",
      summary: "Approved interactions as training examples, personal data replaced",
      scopes: ["read"],
      loop: "query",
      query: z.object({ format: z.enum(["openai"]).default("openai") }),
      answer: {
        status: 200,
        description: 'One JSON object a line: {"messages":[…],"metadata":{"feedback":"up","action_type":"todo"}}',
        type: "application/jsonl",
      },
    },
    async ({ context, loop }) => {
      const { settings } = await deps.db.withLoop(loop, (tx) => loadLoop(tx, loop));
      const { redact, allow } = settings.snapshot;
      const redactor = createRedactor({ types: redact, allow });
      const chunks = read(deps, loop, redactor);
      const first = await chunks.next(); // before the answer begins, so that a failure can still be one
      return context.body(streamOf(first, chunks), 200, {
        "content-type": "application/jsonl; charset=utf-8",
        "content-disposition": `attachment; filename="${loop}-feedback.jsonl"`,
      });
    },
  );
}

async function* read({ db }: Pick<ApiDeps, "db">, loop: string, redactor: Redactor): AsyncGenerator<string, void> {
  for (let after: string | null = FIRST; after !== null; ) {
    const page = { after, limit: CHUNK };
    const chunk: Awaited<ReturnType<typeof approvedAfter>> = await db.withLoop(loop, (tx) =>
      approvedAfter(tx, loop, page),
    );
    yield chunk.interactions.map((interaction) => lineOf(interaction, redactor)).join("");
    after = chunk.next;
  }
}

/** Everything that people approved of: what a snapshot leaves out for its quality is theirs to judge. */
function lineOf(interaction: ApprovedInteraction, redactor: Redactor): string {
  const { action_type: actionType, messages, response } = interaction;
  if (isBlank(lastUserText(messages)) || isEmptyAnswer(answerMessage(response))) return "";
  const example = cleanExample(interaction, redactor);
  return example === null ? "" : exportLine(example, { rating: 1, actionType });
}

function streamOf(first: IteratorResult<string, void>, rest: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string, void>> | null = Promise.resolve(first);
  return new ReadableStream({
    async pull(controller) {
      const result = await (next ?? rest.next());
      next = null;
      if (result.done === true) controller.close();
      else controller.enqueue(encoder.encode(result.value));
    },
    async cancel() {
      await rest.return();
    },
  });
}

// The gateway: OpenAI's chat completions, answered by whichever model the loop routes the user to.
import { z } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { Fault } from "../domain/fault.ts";
import { clientId } from "../domain/interaction.ts";
import { message } from "../domain/message.ts";
import type { ChatBody } from "../serving/ask.ts";
import { type ChatRequest, chat } from "../serving/chat.ts";
import { findLoop, listLoops } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import type { Caller } from "./caller.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { inputFault } from "./input-fault.ts";
import { providerRefusal } from "./provider-refusal.ts";

const ROLES = ["champion", "challenger", "standby"] as const;

const chatBody = z.looseObject({
  model: z.string().min(1).describe("the loop's name; or loop:champion, loop:challenger, loop:standby for operators"),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish().describe("false: serve, but never learn from it"),
  user: z.string().max(512).nullish(),
  safety_identifier: z.string().max(512).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});

/** Mounts POST /v1/chat/completions and GET /v1/models. */
export function gatewayRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/v1/chat/completions",
      summary: "Ask the loop's model",
      scopes: ["serve"],
      loop: "none",
      body: chatBody,
      answer: {
        status: 200,
        description: "A chat completion in OpenAI's shape, with the header x-ratchet-interaction-id",
      },
    },
    async ({ context, caller, body }) => {
      if (body.stream === true)
        throw new Fault("invalid", "streaming comes in a later version; send stream: false", {
          details: { param: "stream", openai_code: "unsupported_value" },
        });
      const { loop, role } = await wanted(deps, caller, body.model);
      const { passed, conversation, actionType } = labelled(body, (name) => context.req.header(name));
      const request: ChatRequest = {
        loop,
        role,
        body: passed,
        user: body.user || body.safety_identifier || null,
        conversation,
        actionType,
        store: body.store !== false,
      };
      try {
        const reply = await chat(deps.serving, request, context.req.raw.signal);
        const mayKnow = caller.scopes.has("operate");
        context.header("x-ratchet-interaction-id", reply.interactionId);
        if (mayKnow) {
          context.header("x-ratchet-model", reply.modelName);
          context.header("x-ratchet-variant", reply.variant);
        }
        // The provider's own name for the model would tell a blind user which variant answered.
        return context.json(mayKnow ? reply.document : { ...reply.document, model: body.model }, 200);
      } catch (error) {
        const refusal = providerRefusal(error);
        if (refusal === null) throw error;
        return context.json({ error: refusal.error }, refusal.status as ContentfulStatusCode, refusal.headers);
      }
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/v1/models",
      summary: "The loops that this key may talk to",
      scopes: ["serve"],
      loop: "none",
      answer: { status: 200, description: "A list in OpenAI's shape" },
    },
    async ({ context, caller }) => {
      const bound = caller.loop;
      const loops =
        bound === null
          ? await deps.db.acrossLoops((tx) => listLoops(tx))
          : await deps.db.withLoop(bound, async (tx) => [await findLoop(tx, bound)].filter((loop) => loop !== null));
      const data = loops.map((loop) => ({
        id: loop.name,
        object: "model",
        created: Math.floor(loop.createdAt.getTime() / 1000),
        owned_by: "ratchet",
      }));
      return context.json({ object: "list", data }, 200);
    },
  );
}

/** The loop and role that `model` names, checked: whoever asks for a role gets that role or is told that nobody has it. */
async function wanted(
  deps: ApiDeps,
  caller: Caller,
  model: string,
): Promise<{ loop: string; role: ChatRequest["role"] }> {
  const [loop = "", said, ...rest] = model.split(":");
  const role = ROLES.find((name) => name === said) ?? null;
  if (rest.length > 0 || (said !== undefined && role === null) || (caller.loop !== null && caller.loop !== loop))
    throw modelNotFound(model);
  const { routing } = await deps.serving.routing(loop).catch((error: unknown) => {
    throw error instanceof Fault && error.code === "not_found" ? modelNotFound(model) : error;
  });
  if (role === null) return { loop, role };
  if (!caller.scopes.has("operate"))
    throw new Fault("forbidden", "asking for a role needs a key with the scope operate", {
      hint: `ask for "${loop}"`,
      details: { param: "model" },
    });
  const held = {
    champion: routing.champion,
    challenger: routing.experiment?.challenger,
    standby: routing.probation?.standby,
  };
  if (held[role] === undefined)
    throw new Fault("not_found", `loop "${loop}" has no ${role} at the moment`, {
      details: { param: "model", openai_code: "model_not_found" },
    });
  return { loop, role };
}

function modelNotFound(model: string): Fault {
  return new Fault("not_found", `there is no model "${model.slice(0, 80)}": a model here is a loop's name`, {
    hint: "GET /v1/models lists them",
    details: { param: "model", openai_code: "model_not_found" },
  });
}

const label = { "x-ratchet-conversation-id": clientId, "x-ratchet-action-type": z.string().min(1).max(100) };

/** What the caller said about the request by header or metadata, and the body without what was meant for us alone. */
function labelled(body: z.output<typeof chatBody>, header: (name: string) => string | undefined) {
  const { metadata, ...rest } = body;
  const { conversation_id, action_type, ...kept } = metadata ?? {};
  const read = (name: keyof typeof label, given: unknown) => {
    const said = header(name) ?? given ?? null;
    if (said === null) return null;
    const parsed = label[name].safeParse(said);
    if (!parsed.success) throw inputFault(parsed.error, name);
    return parsed.data;
  };
  const passed = (Object.keys(kept).length === 0 ? rest : { ...rest, metadata: kept }) as ChatBody;
  return {
    passed,
    conversation: read("x-ratchet-conversation-id", conversation_id),
    actionType: read("x-ratchet-action-type", action_type),
  };
}

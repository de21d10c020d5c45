// The shapes that several routes speak of, as components of the OpenAPI document.
import { z } from "zod";
import { messageRatingInput, ratingInput } from "../domain/feedback.ts";
import { interactionInput } from "../domain/interaction.ts";
import { loopSettings } from "../domain/loop-settings.ts";
import type { Api } from "./environment.ts";

const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  hint: z.string().optional(),
});
const openAIError = z.object({
  error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string().nullable() }),
});

/** Registers the components that declarations refer to by name. */
export function registerDocuments(api: Api): void {
  const register = (name: string, schema: z.ZodType) => {
    const { $schema: _, ...document } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    api.openAPIRegistry.registerComponent("schemas", name, document as never);
  };
  register("Interaction", interactionInput);
  register("Rating", ratingInput);
  register("MessageRating", messageRatingInput);
  register("LoopSettings", loopSettings);
  register("Problem", problem);
  register("OpenAIError", openAIError);
  api.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "Authorization: Bearer rk_<id>_<secret>",
  });
}

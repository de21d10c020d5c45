// Bodies that are one thing or a list of them: every fault is named with the index and the field.
import { z } from "@hono/zod-openapi";
import { describeIssue } from "./input-fault.ts";

const MOST = 1_000;

export interface OneOrMany<Item> {
  many: boolean;
  items: Item[];
}

/** Parses each item by the schema that `schemaOf` gives; `components` are the items' names in the OpenAPI document. */
export function oneOrMany<Item>(schemaOf: (item: unknown) => z.ZodType<Item>, components: readonly string[]) {
  const references = components.map((name) => ({ $ref: `#/components/schemas/${name}` }));
  const item = references.length === 1 ? references[0]! : { oneOf: references };
  return z
    .unknown()
    .transform((value, context): OneOrMany<Item> => {
      const many = Array.isArray(value);
      const given: unknown[] = many ? value : [value];
      const fail = (path: PropertyKey[], message: string) =>
        context.issues.push({ code: "custom", path, message, input: undefined });
      if (given.length === 0) fail([], "the list is empty");
      if (given.length > MOST) {
        fail(
          [],
          `a list has at most ${MOST.toLocaleString("en-US")} entries; this one has ${given.length.toLocaleString("en-US")}`,
        );
        return z.NEVER;
      }
      const items: Item[] = [];
      for (const [index, entry] of given.entries()) {
        const parsed = schemaOf(entry).safeParse(entry);
        if (parsed.success) items.push(parsed.data);
        else
          for (const issue of parsed.error.issues)
            for (const { place, message } of describeIssue(issue))
              fail([...(many ? [index] : []), ...(place === "" ? [] : [place])], message);
      }
      return { many, items };
    })
    .openapi({ oneOf: [...references, { type: "array", minItems: 1, maxItems: MOST, items: item }] } as never);
}

// What a request carries on its way through the API.
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Caller } from "./caller.ts";

export interface ApiEnvironment {
  Variables: {
    caller: Caller;
    /** The loop that the request is about, once it is found. */
    loop: string;
  };
}

export type Api = OpenAPIHono<ApiEnvironment>;

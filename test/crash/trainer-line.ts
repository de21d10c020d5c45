// The line between a worker and its trainer, on which a test may hold requests and answers at the worst moment.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of a loop's submission: it arrives and its answer is lost, or it arrives only when it is let through. */
type Fate = "answer lost" | "held";

export interface TrainerLine {
  /** What a provider's client takes as its `baseURL`. */
  readonly baseURL: string;
  /** Decides on the next submission of a loop. */
  decide(loop: string, fate: Fate): void;
  /** Whether the loop's submission has come (and, when its answer is lost, has been carried out). */
  caught(loop: string): boolean;
  /** Lets a held submission through, whoever sent it and whether he lives or not. */
  letThrough(loop: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a line to a sandbox. Everything else passes as it is. */
export async function openTrainerLine(sandboxUrl: string): Promise<TrainerLine> {
  const fates = new Map<string, Fate>();
  const caught = new Map<string, () => Promise<unknown>>();

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const forward = () =>
      fetch(`${sandboxUrl}${request.url}`, {
        method: request.method ?? "GET",
        headers: { "content-type": request.headers["content-type"] ?? "application/json" },
        ...(body.length === 0 ? {} : { body }),
      });
    const submission = request.method === "POST" && request.url === "/v1/fine_tuning/jobs";
    const loop = submission ? /"suffix":"(.+)-cycle-\d+"/.exec(body.toString())?.[1] : undefined;
    const fate = loop === undefined ? undefined : fates.get(loop);
    if (loop !== undefined && fate !== undefined) {
      fates.delete(loop);
      if (fate === "answer lost") await forward();
      caught.set(loop, fate === "held" ? forward : async () => {});
      return; // nobody is answered
    }
    const answer = await forward();
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    decide: (loop, fate) => void fates.set(loop, fate),
    caught: (loop) => caught.has(loop),
    letThrough: async (loop) => void (await caught.get(loop)!()),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

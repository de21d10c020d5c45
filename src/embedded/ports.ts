// The ports of one start, chosen before anything runs, so that a taken one costs nobody a minute.
import { Fault } from "../domain/fault.ts";
import { claimPort } from "./port.ts";

export interface Ports {
  readonly api: number;
  /** 0: PostgreSQL takes a free one when it starts. */
  readonly postgres: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly sandbox: number;
}

/** What runs in this start, and so needs a port. */
export interface Needs {
  readonly temporal: boolean;
  readonly sandbox: boolean;
}

const USUAL = { postgres: 5440, temporal: 7233, temporalUi: 8233, sandbox: 4401 };

/**
 * @param api port of the API; 0 takes free ones for everything
 * @throws Fault `conflict` that names a taken port and what to do
 */
export async function choosePorts(api: number, needs: Needs): Promise<Ports> {
  const usual = (port: number) => (api === 0 ? 0 : port);
  const claimed = [await claim(api, "the API", "choose another with --port or RATCHET_PORT")];
  const next = async (needed: boolean, port: number, owner: string, instead: string) => {
    if (!needed) return port;
    const own = await claim(usual(port), owner, instead);
    if (claimed.includes(own))
      throw new Fault("conflict", `port ${own} is wanted by the API and by ${owner}`, {
        hint: "choose another for the API with --port",
      });
    claimed.push(own);
    return own;
  };
  return {
    api: claimed[0]!,
    postgres: usual(USUAL.postgres),
    temporal: await next(
      needs.temporal,
      USUAL.temporal,
      "Temporal",
      "set TEMPORAL_ADDRESS to that server if it is a Temporal of your own",
    ),
    temporalUi: await next(
      needs.temporal,
      USUAL.temporalUi,
      "the Temporal Web UI",
      "set TEMPORAL_ADDRESS if a Temporal of your own runs here",
    ),
    sandbox: await next(
      needs.sandbox,
      USUAL.sandbox,
      "the sandbox",
      "set RATCHET_SANDBOX_URL if a sandbox runs there already",
    ),
  };
}

/** "http://127.0.0.1:4400": how this machine reaches a port that listens on `host`. */
export function addressOf(host: string, port: number): string {
  const reached = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

async function claim(port: number, owner: string, instead: string): Promise<number> {
  try {
    return await claimPort(port, owner);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "conflict") throw error;
    throw new Fault("conflict", error.message, {
      hint: `stop that program; or ${instead}; or use --port 0 for free ports for everything`,
      details: error.details,
    });
  }
}

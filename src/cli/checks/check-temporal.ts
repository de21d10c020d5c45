// Is Temporal there, and does it have our namespace?
import { once } from "node:events";
import { connect } from "node:net";
import type { Config } from "../../config.ts";
import { Fault } from "../../domain/fault.ts";
import { type Check, good, unused } from "./check.ts";
import { guarded } from "./guarded.ts";

const PATIENCE = 10_000;
const NOT_FOUND = 5;

export async function checkTemporal({ temporal }: Config): Promise<Check> {
  const { address, namespace, apiKey, tls } = temporal;
  if (address === null) return unused("Temporal", "TEMPORAL_ADDRESS is not set: npm start runs its own");
  return guarded("Temporal", async () => {
    await listens(address);
    const { connectTemporal } = await import("../../client.ts");
    const { connection, workflows } = await connectTemporal({ address, namespace, apiKey, tls });
    try {
      await connection.workflowService.describeNamespace({ namespace });
    } catch (error) {
      if ((error as { code?: unknown }).code !== NOT_FOUND) throw error;
      throw new Fault("unavailable", `answers at ${address}, but has no namespace "${namespace}"`, {
        hint: `make it (temporal operator namespace create -n ${namespace}), or set TEMPORAL_NAMESPACE`,
      });
    } finally {
      await workflows.close();
    }
    return good("Temporal", `answers at ${address}, namespace ${namespace}`);
  });
}

/** Temporal's client goes on trying for long; whether anybody listens is known at once. */
async function listens(address: string): Promise<void> {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const socket = connect({ host, port: Number(address.slice(at + 1)) });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ABORT_ERR" ? `no answer within ${PATIENCE / 1000} seconds` : code;
    throw new Fault("unavailable", `nobody listens at ${address} (${why})`, {
      hint: "is the server running, and does TEMPORAL_ADDRESS point at it?",
    });
  } finally {
    socket.destroy();
  }
}

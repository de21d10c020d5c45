// Brings a namespace of a Temporal server into the state that our workflows need.
import { Connection } from "@temporalio/client";
import proto from "@temporalio/proto";
import { ensureSearchAttributes } from "../client.ts";

const RETENTION_SECONDS = 90 * 86_400; // the dev server forgets after a day otherwise

/** Registers what is missing and sets how long closed workflows are kept; returns the error while that does not work. */
export async function prepareNamespace(address: string, namespace: string): Promise<"ready" | Error> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: "2 seconds" });
    await ensureSearchAttributes(connection, namespace);
    const { UpdateNamespaceRequest } = proto.temporal.api.workflowservice.v1;
    const config = { workflowExecutionRetentionTtl: { seconds: RETENTION_SECONDS } };
    await connection.workflowService.updateNamespace(UpdateNamespaceRequest.fromObject({ namespace, config }));
    return "ready";
  } catch (error) {
    return error as Error;
  } finally {
    await connection?.close().catch(() => undefined);
  }
}

// Traces through Temporal: what a client, a worker and the workflow bundle are given when traces are switched on.
// Interceptors add headers and no commands, so a workflow begun without them goes on with them, and the other way round.
import { fileURLToPath } from "node:url";
import type { WorkflowClientInterceptor } from "@temporalio/client";
import { OpenTelemetryWorkflowClientInterceptor } from "@temporalio/interceptors-opentelemetry/lib/client/index.js";
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
} from "@temporalio/interceptors-opentelemetry/lib/worker/index.js";
import type { OpenTelemetrySinks } from "@temporalio/interceptors-opentelemetry/lib/workflow/definitions.js";
import type { ActivityInterceptorsFactory, InjectedSinks } from "@temporalio/worker";
import type { Tracing } from "./tracing.ts";

/** For a client: a start, signal or update takes the span that it happens in along. */
export function clientInterceptors(tracing: Tracing | null): WorkflowClientInterceptor[] {
  return tracing === null ? [] : [new OpenTelemetryWorkflowClientInterceptor()];
}

export interface WorkerTracing {
  activity: ActivityInterceptorsFactory[];
  /** For the bundle of workflows. */
  workflowModules: string[];
  /** What workflows hand out: their spans, once, since nothing is handed out while a history is replayed. */
  sinks: InjectedSinks<OpenTelemetrySinks> | undefined;
}

/** For a worker. */
export function workerTracing(tracing: Tracing | null): WorkerTracing {
  if (tracing === null) return { activity: [], workflowModules: [], sinks: undefined };
  const { fn } = makeWorkflowExporter(tracing.processor, tracing.resource).export;
  return {
    activity: [(context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) })],
    workflowModules: [
      fileURLToPath(import.meta.resolve("@temporalio/interceptors-opentelemetry/lib/workflow-interceptors.js")),
    ],
    sinks: {
      exporter: {
        export: {
          // The library would copy all that is known of a workflow into each span; its ids are enough.
          fn: ({ workflowId, runId }, spans) =>
            fn({ temporalWorkflowId: workflowId, run_id: runId } as unknown as Parameters<typeof fn>[0], spans),
        },
      },
    },
  };
}

// Submits an order once, within so many milliseconds, as the activity does; tells its parent until when, and what came of it.
import { readProviderError } from "../../../src/providers/provider-error.ts";
import { createProviders } from "../../../src/providers/providers.ts";
import { openaiWire } from "../../../src/trainers/openai-wire.ts";
import { orderOf } from "../training-order.ts";

const [baseURL, key, within] = process.argv.slice(2);
const trainer = openaiWire(
  createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: baseURL! } }),
);
const order = orderOf(key!);
// Where a process is stopped decides what it does first when it goes on. After the turn of a timer it hears what has come, and
// only then looks for timers that are due, as it does on a machine that was paused while it waited.
process.on("message", () => setTimeout(() => process.kill(process.pid, "SIGSTOP"), 1));
const notAfter = Date.now() + Number(within);
process.send!({ notAfter });
try {
  await trainer.submit(order, { signal: AbortSignal.timeout(Number(within)), notAfter });
  process.send!({ kind: "submitted" });
} catch (error) {
  process.send!(readProviderError(error));
}
process.disconnect();

// Makes crash points of what a worker or a server does anyway, from outside: loaded before the program by
// NODE_OPTIONS=--import=…, so that the product's own code knows nothing of it.
import { isMainThread } from "node:worker_threads";

const { CRASH_WATCHER: watcher, CRASH_BUNDLE: bundle } = process.env;

// Threads are started with the same options: what they do is nobody's point.
if (isMainThread && watcher !== undefined) {
  const { connectWatcher } = await import("./points/ask.ts");
  const { watchTransactions } = await import("./points/transactions.ts");
  const { watchCalls, watchFiles } = await import("./points/calls.ts");
  await connectWatcher(Number(watcher));
  watchTransactions();
  watchCalls();
  watchFiles();
  if (process.argv[1]?.endsWith("/worker.ts") === true) {
    const { bundleOnce, watchActivities } = await import("./points/activities.ts");
    watchActivities();
    if (bundle !== undefined) bundleOnce(bundle);
  } else {
    const { watchRequests } = await import("./points/requests.ts");
    watchRequests();
  }
}

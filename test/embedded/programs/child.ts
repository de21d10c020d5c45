// A child as the supervisor knows them: ready at once, lives on, ends with its parent; with "die" it ends instead, with
// "never ready" it is just there.
import { announceReady, endWithParent } from "../../../src/embedded/parent-link.ts";

if (process.argv[2] === "die") {
  process.stderr.write("cannot go on: nothing to do\n");
  process.exit(3);
}
setInterval(() => undefined, 60_000);
endWithParent(() => process.exit(0));
process.once("SIGTERM", () => process.exit(0));
if (process.argv[2] !== "never ready") announceReady({ greeting: process.argv[2] ?? "hello" });

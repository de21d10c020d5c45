// Claims the folder given, starts something in it that outlives this process, tells its process id, and waits to be killed.
import { spawn } from "node:child_process";
import { claimDataFolder } from "../../../src/embedded/pid-file.ts";

const pidFile = claimDataFolder(process.argv[2]!);
const child = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
child.once("spawn", () => {
  pidFile.record("sleeper", child.pid!);
  process.stdout.write(`${child.pid}\n`);
});
setInterval(() => undefined, 60_000);

// Ends a process and removes its folders when this process is gone, however it went: a test that crashes leaves nothing.
import { spawn } from "node:child_process";
import { Socket } from "node:net";

const SCRIPT = `cat > /dev/null
pid=$1; shift
kill -INT "$pid" 2>/dev/null
for turn in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 1; done
kill -9 "$pid" 2>/dev/null
rm -rf "$@"`;

/** Returns a function that calls the watchdog off, for when all has been cleaned up. */
export function watchdog(pid: number, folders: readonly string[]): () => void {
  const guard = spawn("/bin/sh", ["-c", SCRIPT, "watchdog", String(pid), ...folders], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref(); // its end is what the guard waits for
  return () => guard.kill("SIGKILL");
}

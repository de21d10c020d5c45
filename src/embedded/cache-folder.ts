// Where servers that were downloaded or built are kept for the next start, outside any checkout.
import { homedir } from "node:os";
import { join } from "node:path";

/** `$XDG_CACHE_HOME/ratchet` where that is set, else `~/.cache/ratchet`. */
export function cacheFolder(environment: Readonly<NodeJS.ProcessEnv>): string {
  const given = environment.XDG_CACHE_HOME;
  const base = given?.startsWith("/") ? given : join(environment.HOME ?? homedir(), ".cache");
  return join(base, "ratchet");
}

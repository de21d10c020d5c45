// What a file is called in a store. Whatever is not a loop's name or a hash is refused, so that no name leads elsewhere.
import { Fault } from "../domain/fault.ts";
import { loopName } from "../domain/loop-settings.ts";

/** `<loop>/<ab>/<sha256>`. Throws a Fault `invalid` for anything that is not a loop's name and 64 hexadecimal digits. */
export function artifactName(loop: string, sha256: string): string {
  if (!loopName.safeParse(loop).success) throw new Fault("invalid", "this is no loop's name");
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new Fault("invalid", "this is no name of a file: these are 64 small hexadecimal digits");
  return `${loop}/${sha256.slice(0, 2)}/${sha256}`;
}

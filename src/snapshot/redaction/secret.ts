// Recognises what opens doors: providers' keys, tokens, private keys, and passwords that are written as such.
import { findAssignedSecrets } from "./assigned-secret.ts";
import { findPrivateKeys } from "./private-key.ts";
import { findProviderKeys } from "./provider-keys.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

export const secret: Recogniser = {
  type: "SECRET",
  find(text) {
    const places = [...findProviderKeys(text), ...findPrivateKeys(text), ...findAssignedSecrets(text)];
    places.sort((a, b) => a.start - b.start || b.end - a.end);
    const findings: Finding[] = [];
    for (const { start, end } of places) {
      const last = findings.at(-1);
      if (last !== undefined && start < last.end) {
        if (end > last.end)
          findings[findings.length - 1] = { start: last.start, end, key: text.slice(last.start, end) };
      } else findings.push({ start, end, key: text.slice(start, end) });
    }
    return findings;
  },
};

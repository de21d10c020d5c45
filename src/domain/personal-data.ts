// The kinds of personal data that can be redacted, by the names that settings, placeholders and the manifest use.
import { z } from "zod";

export const PERSONAL_DATA = ["EMAIL", "PHONE", "URL", "HANDLE", "IBAN", "CARD", "IP", "SSN", "SECRET"] as const;

/** Which kinds a loop redacts. */
export const redactedKinds = z.union([z.enum(["all", "none"]), z.array(z.enum(PERSONAL_DATA)).min(1)]);

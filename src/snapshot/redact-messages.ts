// Redacts whole messages: every text in them, those inside a tool call's JSON arguments included.
import { mapTexts } from "./map-texts.ts";
import type { ConversationRedactor } from "./redact.ts";

/** Fields whose values are the protocol's words or identifiers, never a person's. */
const PROTOCOL_FIELDS = new Set(["role", "type", "id", "tool_call_id", "detail", "mime_type", "format"]);

/** A copy of messages (or any JSON value) with personal data replaced. Throws NestedTooDeeply beyond 64 levels. */
export function redactMessages<Value>(value: Value, conversation: ConversationRedactor): Value {
  return mapTexts(value, (text, field, owner) => {
    if (PROTOCOL_FIELDS.has(field) || text.startsWith("data:")) return text;
    if (field === "url" && owner === "image_url") return text; // an image passes as it is, wherever it stands
    return field === "arguments" ? redactArguments(text, conversation) : conversation.redactText(text).text;
  });
}

/** Placeholders must not break the arguments' JSON: `{"phone":4155550177}` becomes `{"phone":"[PHONE_1]"}`. */
function redactArguments(text: string, conversation: ConversationRedactor): string {
  const redacted = conversation.redactText(text);
  if (redacted.spans.length === 0 || !isJson(text)) return redacted.text;
  return isJson(redacted.text) ? redacted.text : quotePlaceholders(redacted.text);
}

/** A bare number that was replaced needs quotes; a placeholder inside a text has them already. */
function quotePlaceholders(text: string): string {
  const quoted = text.replace(/([:[,]\s*)(\[[A-Z]+_\d+\])(?=\s*[,\]}])/g, '$1"$2"');
  return isJson(quoted) ? quoted : JSON.stringify({ redacted: quoted });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

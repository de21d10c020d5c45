// Redacts whole messages: every text in them, those inside a tool call's JSON arguments and the names of fields included.
import { mapTexts } from "./map-texts.ts";
import type { ConversationRedactor } from "./redact.ts";

/** Where the protocol's own words and identifiers stand, never a person's: fields, by the field above them. */
const PROTOCOL: Readonly<Record<string, readonly string[]>> = {
  "": ["role", "type", "tool_call_id"],
  content: ["type"],
  tool_calls: ["id", "type"],
  image_url: ["detail"],
  input_audio: ["format"],
};

/** Most names of fields: nobody can be recognised by one. */
const PLAIN_NAME = /^[A-Za-z_]{1,40}$/;

/** An image that comes along: what it shows is not looked at. */
const IMAGE = /^data:image\/[\w.+-]+;base64,[A-Za-z0-9+/=\s]*$/;

/** A copy of messages (or any JSON value) with personal data replaced. Throws NestedTooDeeply beyond 64 levels. */
export function redactMessages<Value>(value: Value, conversation: ConversationRedactor): Value {
  const redact = (text: string) => conversation.redactText(text).text;
  return mapTexts(
    value,
    (text, field, owner) => {
      if (Object.hasOwn(PROTOCOL, owner) && PROTOCOL[owner]!.includes(field)) return text;
      if (field === "url" && owner === "image_url" && isImage(text)) return text; // passes as it is, wherever it stands
      return field === "arguments" ? redactArguments(text, conversation) : redact(text);
    },
    (key) => (PLAIN_NAME.test(key) ? key : redact(key)),
  );
}

function isImage(address: string): boolean {
  return IMAGE.test(address) || /^https?:\/\//i.test(address);
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

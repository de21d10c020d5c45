// What the words just before a number say it is: a telephone's, or something else's that merely looks like one.

const REACH = 40;
const PHONE =
  /(?<![\p{L}\d])(?:phone|tele?|telephone|telefon\w*|t[ée]l[ée]phone|tel[ée]fono|t[ée]l|call|calling|cell|mobile|mob|mobil|m[óo]vil|handy|fax|whats ?app|sms|text|ring|reach|dial|contact|hotline|pager|signal|(?:my|his|her|our|your) (?:\w+ )?number|rufnummer|nummer|n[uú]m[eé]ro|appelez)(?!\p{L})|电话|電話|手机|打/giu;
const OTHER =
  /(?<![\p{L}\d])(?:order|invoice|ticket|account|acct|iban|card|isbn|sku|ref|reference|tracking|parcel|id|ids|uuid|serial|timestamp|epoch|population|version|commit|build|port|zip|ssn|social|pin|total|amount|score|case|bestellung|rechnung|konto|commande|factura|pedido|bytes|size)(?!\p{L})/giu;

/** An account number's beginning, as in "NL91 ABNA 0417": what follows is its rest. */
const ACCOUNT_NUMBER = /(?<![\p{L}\d])[A-Z]{2}\d\d(?: ?[A-Z\d]{4}){0,7} ?$/u;

export type Context = "phone" | "other" | "unknown";

/** "phone" or "other" by the nearest telling word within 40 characters before `position`. */
export function phoneContext(text: string, position: number): Context {
  const before = text.slice(Math.max(0, position - REACH), position);
  if (ACCOUNT_NUMBER.test(before)) return "other";
  const phone = lastIndex(before, PHONE);
  const other = lastIndex(before, OTHER);
  if (phone === -1 && other === -1) return "unknown";
  return phone > other ? "phone" : "other";
}

function lastIndex(text: string, pattern: RegExp): number {
  let last = -1;
  for (const match of text.matchAll(pattern)) last = match.index;
  return last;
}

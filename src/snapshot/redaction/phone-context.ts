// Which words say that a number is a telephone's, and which that it is something else's that merely looks like one.
import { nearestWord } from "./nearest-word.ts";

const WORDS = {
  phone:
    /(?<![\p{L}\d])(?:phone(?:s|no|num|number)?|tele?|telephone|telefon\w*|t[ée]l[ée]phone|tel[ée]fono|t[ée]l|call|calls|calling|called|cell|cellphone|mobile|mobilenumber|mob|mobil|m[óo]vil|celular|handy|gsm|fax|whats ?app|wa|viber|sms|text|ring|rang|reach|dial|contact|hotline|pager|signal|landline|(?:my|his|her|our|your)(?: (?:new|old|other|home|work|direct|private|personal))? number|cel|rufnummer|nummer|numer|n[uú]m[eé]ro|appelez|llama(?:r|me)?|chiama(?:mi)?|ligue|bel|ruf|zadzwo[ńn]|gọi|тел|телефон\p{L}*|номер\p{L}*|звони\p{L}*|позвони\p{L}*|τηλ|τηλέφωνο|هاتف|جوال|טלפון|โทร)(?!\p{L})|电话|電話|手机|手機|打|联系|携帯|전화|연락/giu,
  other:
    /(?<![\p{L}\d])(?:order|orders|invoice|ticket|account|acct|iban|card|isbn|issn|sku|upc|ean|gtin|barcode|imei|part|model|ref|reference|tracking|parcel|shipment|id|ids|uuid|serial|sn|timestamp|epoch|unix|population|version|commit|build|port|zip|ssn|social|pin|total|amount|score|case|bestellung|заказ\p{L}*|сч[её]т\p{L}*|订单|订单号|rechnung|konto|commande|factura|pedido|bytes|size|vat|cpf|cnpj|nif|passport|licen[cs]e|policy|claim|booking|confirmation|reservation|transaction|txn|batch|lot|item|product|seq|sequence|offset|hash|seed|row|rows|line|lines|employee|student|member|customer|user|price|cost|revenue|budget|lat|lon|lng|latitude|longitude|coordinates|between|range|pages|digits)(?!\p{L})|(?:Id|ID|Number|Count|Total)(?=["']?\s?[:=])|_id(?!\p{L})/giu,
};
/** An account number's beginning, as in "NL91 ABNA 0417": what follows is its rest. */
const ACCOUNT_NUMBER = /(?<![\p{L}\d])[A-Z]{2}\d\d(?: ?[A-Z\d]{4}){0,7} ?$/u;
/** "20123456 (mobile)". */
const PHONE_AFTER =
  /^\s?[([,-]?\s?(?:is )?(?:my |his |her |our )?(?:cell|mobile|mob|phone|tel|fax|whatsapp|handy|mobil|home|work|office|landline)(?!\p{L})/iu;

export type Context = "phone" | "other" | "unknown";

/** "phone" or "other" by the nearest telling word within 40 characters before `start`, else by a word just after `end`. */
export function phoneContext(text: string, start: number, end: number): Context {
  if (ACCOUNT_NUMBER.test(text.slice(Math.max(0, start - 40), start))) return "other";
  const before = nearestWord(text, start, WORDS);
  if (before !== undefined) return before;
  return PHONE_AFTER.test(text.slice(end, end + 24)) ? "phone" : "unknown";
}

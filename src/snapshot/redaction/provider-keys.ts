// How providers write their keys and tokens, by the prefixes that they publish so that leaks can be found.
import { allMatches } from "./all-matches.ts";

/** Each begins with literal letters and has an upper bound, so that looking for them stays linear. */
const FORMS = [
  // OpenAI, Anthropic, OpenRouter and others of the kind; Groq, xAI, Perplexity, Replicate, Hugging Face, LangSmith
  /sk-(?=[\w-]*\d)[A-Za-z0-9][\w-]{18,250}/,
  /(?:gsk_[A-Za-z0-9]{40,60}|xai-[A-Za-z0-9]{60,100}|pplx-[A-Za-z0-9]{40,60}|r8_[A-Za-z0-9]{37}|hf_[A-Za-z0-9]{30,40}|lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10})/,
  // AWS: the id of a key
  /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}/,
  // GitHub, GitLab, Docker, npm, PyPI, RubyGems
  /gh[pousr]_[A-Za-z0-9]{30,255}/,
  /github_pat_\w{22,255}/,
  /gl(?:pat|dt|rt|ptt|soat|cbt|agent|imt|ffct|ft|oas)-[\w.-]{20,200}/,
  /dckr_(?:pat|oat)_[\w-]{20,60}/,
  /npm_[A-Za-z0-9]{30,60}/,
  /pypi-[\w-]{50,300}/,
  /rubygems_[a-f0-9]{48}/,
  // Slack, Discord, Telegram
  /xox[abceoprs]-[\w-]{10,250}/,
  /xapp-\d-[\w-]{20,250}/,
  /[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,45}/,
  /\d{8,10}:A[\w-]{33,35}/,
  // Stripe (and our own rk_<id>_<secret>), Square, Shopify, PayPal's Braintree
  /(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,250}/,
  /rk_[a-z0-9]{4,32}_[\w-]{16,128}/,
  /whsec_[A-Za-z0-9+/=]{20,100}/,
  /sq0(?:atp|csp|idp)-[\w-]{22,43}/,
  /EAAA[\w-]{56,64}/,
  /shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/,
  /access_token\$production\$[a-z0-9]{16}\$[a-f0-9]{32}/,
  // Google
  /AIza[\w-]{30,40}/,
  /GOCSPX-[\w-]{20,40}/,
  /ya29\.[\w-]{20,300}/,
  /1\/\/0[\w-]{40,200}/,
  // Mail and telephony: SendGrid, Mailgun, Mailchimp, Twilio, Brevo, Resend
  /SG\.[\w-]{16,32}\.[\w-]{30,64}/,
  /key-[a-f0-9]{32}/,
  /[a-f0-9]{32}-us\d{1,2}/,
  /(?:SK|AC)[a-f0-9]{32}/,
  /xkeysib-[a-f0-9]{64}-\w{16}/,
  /re_[A-Za-z0-9]{6,12}_[A-Za-z0-9]{16,32}/,
  // Clouds and operations: DigitalOcean, Heroku, Vault, Terraform, Databricks, Grafana, New Relic, Sentry, Doppler, Fly, Supabase, PlanetScale
  /do[opr]_v1_[a-f0-9]{64}/,
  /HRKU-[\w-]{36,70}/,
  /hv[sbr]\.[\w-]{24,300}/,
  /[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,90}/,
  /dapi[a-f0-9]{32}/,
  /gl(?:sa|c)_[\w+/=-]{32,250}/,
  /NRAK-[A-Z0-9]{27}/,
  /sntry[su]_[\w+/=.-]{40,250}/,
  /dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,80}/,
  /fo1_[\w-]{43}/,
  /sb(?:p_[a-f0-9]{40}|_secret_[\w-]{20,80})/,
  /pscale_(?:tkn|pw|oauth)_[\w.=-]{32,64}/,
  // Tools: Atlassian, Linear, Notion, Figma, Postman, Airtable, age
  /ATATT3[\w=-]{100,250}/,
  /lin_(?:api|oauth)_[A-Za-z0-9]{32,64}/,
  /(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,50})/,
  /fig[du]_[\w-]{40,60}/,
  /PMAK-[a-f0-9]{24}-[a-f0-9]{34}/,
  /pat[A-Za-z0-9]{14}\.[a-f0-9]{64}/,
  /AGE-SECRET-KEY-1[A-Z0-9]{58}/,
  // JSON web tokens, signed or encrypted
  /eyJ[\w-]{8,8000}\.[\w-]{4,8000}\.[\w-]{0,8000}(?:\.[\w-]{1,8000}){0,2}/,
];
const KEY = new RegExp(String.raw`(?<![\w.-])(?:${FORMS.map(({ source }) => source).join("|")})(?![A-Za-z0-9])`, "g");

/** No key is shorter, so that ordinary words never reach the forms. */
const SHORTEST = 16;

export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where keys of known providers stand in a text. */
export function findProviderKeys(text: string): Place[] {
  const places: Place[] = [];
  let start = -1;
  for (let position = 0; position <= text.length; position += 1) {
    if (isKeyUnit(text.charCodeAt(position))) {
      if (start === -1) start = position;
    } else if (start !== -1) {
      if (position - start >= SHORTEST) addFrom(text, start, position, places);
      start = -1;
    }
  }
  return places;
}

function addFrom(text: string, from: number, to: number, places: Place[]): void {
  for (const { 0: written, index } of allMatches(text.slice(from, to), KEY)) {
    places.push({ start: from + index, end: from + index + written.length });
  }
}

/** Letters, digits and what stands in a key or directly before one: + - . / : = _ $ */
function isKeyUnit(unit: number): boolean {
  if (unit >= 0x61) return unit <= 0x7a;
  if (unit >= 0x2b)
    return unit <= 0x3a ? unit !== 0x2c : unit === 0x3d || unit === 0x5f || (unit >= 0x41 && unit <= 0x5a);
  return unit === 0x24;
}

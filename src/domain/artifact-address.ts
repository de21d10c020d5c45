// Where artifacts are kept, as RATCHET_ARTIFACTS says it: a folder, or a bucket of an S3-compatible store.
import { Fault } from "./fault.ts";
import { nearest } from "./nearest.ts";

export type ArtifactAddress = { kind: "folder"; path: string } | BucketAddress;

export interface BucketAddress {
  kind: "s3";
  bucket: string;
  /** Before every name, without slashes at its ends; "" for none. */
  prefix: string;
  /** The store's own address; null: Amazon's. */
  endpoint: string | null;
  /** Null: as AWS' own tools find it (AWS_REGION, the profile). */
  region: string | null;
  /** Whether the bucket stands in the path instead of in the host's name. */
  pathStyle: boolean;
}

const PARAMETERS = ["endpoint", "region", "pathStyle"] as const;
type Parameter = (typeof PARAMETERS)[number];

const HINT =
  "write a folder, or s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1&pathStyle=true; for Amazon's own S3, s3://bucket/prefix?region=eu-central-1";
const CREDENTIALS =
  "credentials come from where AWS' tools look: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role";

/** Parses RATCHET_ARTIFACTS. Throws a Fault that says how to write it, and repeats no value that may be secret. */
export function parseArtifactAddress(text: string): ArtifactAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: "folder", path: text };
  if (scheme !== "s3") throw wrong(`"${scheme}://" is no place for artifacts`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong("this is no address of a bucket");
  }
  if (url.username !== "" || url.password !== "") throw wrong("no user and password may stand in it", CREDENTIALS);
  if (url.port !== "") throw wrong("a port belongs to the endpoint, not to the bucket");
  if (url.hash !== "") throw wrong('it may hold no "#"');
  const given = parametersOf(url);
  return {
    kind: "s3",
    bucket: bucketOf(url.hostname),
    prefix: prefixOf(url.pathname),
    endpoint: given.endpoint === undefined ? null : endpointOf(given.endpoint),
    region: given.region === undefined ? null : regionOf(given.region),
    pathStyle: given.pathStyle === undefined ? given.endpoint !== undefined : truthOf(given.pathStyle),
  };
}

/** The address for people: what they wrote, without what follows "?". */
export function showAddress(address: ArtifactAddress): string {
  if (address.kind === "folder") return address.path;
  return `s3://${address.bucket}${address.prefix === "" ? "" : `/${address.prefix}`}`;
}

function parametersOf(url: URL): Partial<Record<Parameter, string>> {
  const given: Partial<Record<Parameter, string>> = {};
  for (const [name, value] of url.searchParams) {
    const known = PARAMETERS.find((parameter) => parameter === name);
    if (known === undefined) throw unknownParameter(name);
    if (given[known] !== undefined) throw wrong(`${known} stands there twice`);
    given[known] = value;
  }
  return given;
}

function unknownParameter(name: string): Fault {
  if (/key|secret|token|password|credential/i.test(name)) return wrong(`"${name}" may not stand in it`, CREDENTIALS);
  const meant = nearest(name, PARAMETERS);
  const instead = meant === null ? `it takes ${PARAMETERS.join(", ")}` : `did you mean ${meant}?`;
  return wrong(`"${name}" is no parameter of it: ${instead}`);
}

function bucketOf(host: string): string {
  if (host === "") throw wrong("it names no bucket");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(host))
    throw wrong(`"${host}" is no bucket's name: these are 3 to 63 small letters, digits, dots and hyphens`);
  return host;
}

function prefixOf(path: string): string {
  const prefix = path.replace(/^\/+|\/+$/g, "");
  if (prefix === "") return "";
  if (prefix.split("/").some((part) => !/^[\w.-]+$/.test(part) || /^\.+$/.test(part)))
    throw wrong("the prefix may hold letters, digits, dots, hyphens and underscores, with single slashes between");
  return prefix;
}

function endpointOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw wrong("endpoint must be an address that begins with http:// or https://");
  if (url.username !== "" || url.password !== "")
    throw wrong("no user and password may stand in the endpoint", CREDENTIALS);
  if (url.search !== "" || url.hash !== "") throw wrong('the endpoint may hold no "?" and no "#"');
  return url.href.replace(/\/$/, "");
}

function regionOf(text: string): string {
  if (!/^[a-z0-9-]{1,40}$/i.test(text)) throw wrong('region must be a region\'s name, as "us-east-1"');
  return text;
}

function truthOf(text: string): boolean {
  if (text !== "true" && text !== "false") throw wrong("pathStyle must be true or false");
  return text === "true";
}

function wrong(what: string, hint: string = HINT): Fault {
  return new Fault("invalid", `RATCHET_ARTIFACTS is not valid: ${what}`, { hint, details: { why: what } });
}

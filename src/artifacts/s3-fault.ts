// What an S3-compatible store refused, in words that say what to do. Its own words stay out: they may quote what signs requests.
import { type BucketAddress, showAddress } from "../domain/artifact-address.ts";
import { Fault } from "../domain/fault.ts";

interface S3Error {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

const RIGHTS =
  "it needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on what is in the bucket, and s3:ListBucket on the bucket itself";

/** Errors' names, as stores say them, and what each means. `{place}` is where the artifacts are, `{store}` who keeps them. */
const REFUSALS: readonly { names: RegExp; says: string; hint: string }[] = [
  {
    names: /^NoSuchBucket$/,
    says: "{store} has no such bucket as that of {place}",
    hint: "make it, or correct RATCHET_ARTIFACTS; Ratchet makes no buckets",
  },
  {
    names: /^(CredentialsProviderError|ProviderError|TokenProviderError)$/,
    says: "no credentials were found for {place}",
    hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role",
  },
  {
    names: /^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired)$/,
    says: "the credentials for {place} have expired",
    hint: "renew them: the session token in AWS_SESSION_TOKEN or the profile is too old",
  },
  {
    names: /^(InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|AuthFailure)$/,
    says: "{store} does not know these credentials, or their secret is wrong",
    hint: "look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or at the profile or role that is used instead",
  },
  {
    names: /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture)$/,
    says: "the clock of this machine and that of {store} differ too much",
    hint: "set this machine's clock right (NTP); requests are signed with the time",
  },
  {
    names:
      /^(PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|301)$/,
    says: "the bucket of {place} is in another region, or at another endpoint",
    hint: "name it in RATCHET_ARTIFACTS: …?region=eu-central-1",
  },
  {
    names: /^(AccessDenied|AllAccessDisabled|AccountProblem|Forbidden|403)$/,
    says: "{store} lets these credentials do that nowhere in {place}",
    hint: RIGHTS,
  },
  {
    names: /^(QuotaExceeded|XMinioStorageFull|EntityTooLarge|InsufficientStorage|507)$/,
    says: "{store} has no more room for {place}, or takes no file as large as this one",
    hint: "make room there, or raise the quota",
  },
  {
    names: /^(SlowDown|ServiceUnavailable|InternalError|RequestTimeout|Throttling|TooManyRequests\w*|429|5\d\d)$/,
    says: "{store} is too busy or not well, after several tries",
    hint: "it is tried again later by itself; look at the store when it stays so",
  },
  {
    names:
      /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|aborted)$/,
    says: "{store} cannot be reached, or went silent in the middle",
    hint: "is it running, and reachable from here? RATCHET_ARTIFACTS names its endpoint",
  },
  {
    names: /^(CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|ERR_TLS_\w+|ERR_SSL_\w+|EPROTO)$/,
    says: "{store} cannot be trusted: its certificate is not right, or it does not speak TLS",
    hint: "look at the endpoint's certificate; one of your own authority is made known by NODE_EXTRA_CA_CERTS",
  },
];

/** The Fault that an error of the SDK means; what is one already, or an abort, stays as it is. */
export function s3Fault(error: unknown, address: BucketAddress): unknown {
  if (error instanceof Fault) return error;
  const said = (error ?? {}) as S3Error;
  if (said.name === "AbortError") return error;
  const status = said.$metadata?.httpStatusCode;
  const store = address.endpoint === null ? "Amazon S3" : `the store at ${address.endpoint}`;
  const filled = (text: string) => text.replace("{store}", store).replace("{place}", showAddress(address));
  if (said.name === "NoSuchKey" || said.name === "NotFound")
    return new Fault("not_found", filled("there is no such file in {place}"));
  if (/^Region is missing/.test(said.message ?? ""))
    return unavailable(
      filled("nobody says in which region {place} is"),
      "add ?region=… to RATCHET_ARTIFACTS, or set AWS_REGION",
      said,
    );
  const names = [said.name, said.code, status === undefined ? undefined : String(status)];
  for (const name of names) {
    const refusal = REFUSALS.find(({ names }) => name !== undefined && names.test(name));
    if (refusal !== undefined) return unavailable(filled(refusal.says), refusal.hint, said);
  }
  return unavailable(
    filled("{store} did not do what was asked for {place}"),
    "look at the store, and at RATCHET_ARTIFACTS",
    said,
  );
}

/** Whether nothing stands under the name that was asked for. */
export function isMissing(error: unknown): boolean {
  return error instanceof Fault && error.code === "not_found";
}

function unavailable(says: string, hint: string, { name, code, $metadata }: S3Error): Fault {
  const facts = [...new Set([name, code, $metadata?.httpStatusCode])].filter(
    (fact) => fact !== undefined && fact !== "Error" && fact !== "UnknownError",
  );
  const message = facts.length === 0 ? says : `${says} (${facts.join(", ")})`;
  return new Fault("unavailable", `the artifact store cannot be used: ${message}`, { hint });
}

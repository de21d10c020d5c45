// The connection to an S3-compatible store: the SDK is loaded when it is first needed, so that a folder costs nothing at start.
import type { S3Client } from "@aws-sdk/client-s3";
import type { BucketAddress } from "../domain/artifact-address.ts";

/** How long a store may take, in milliseconds. */
export interface Patience {
  connectMs: number;
  /** Without a byte in either direction. A part of a large file may take longer in all. */
  idleMs: number;
}

export const USUAL_PATIENCE: Patience = { connectMs: 5_000, idleMs: 30_000 };

/** Tries at a request, the first one included; between them the SDK waits longer and longer. */
export const ATTEMPTS = 4;

export type Sdk = typeof import("@aws-sdk/client-s3") & typeof import("@aws-sdk/lib-storage");

export interface S3Connection {
  sdk: Sdk;
  client: S3Client;
}

/** Connects lazily: nothing is sent here. Credentials come from where AWS' own tools look for them. */
export async function connectS3(address: BucketAddress, patience: Patience): Promise<S3Connection> {
  const [s3, storage] = await Promise.all([import("@aws-sdk/client-s3"), import("@aws-sdk/lib-storage")]);
  const client = new s3.S3Client({
    ...(address.endpoint === null ? {} : { endpoint: address.endpoint }),
    ...(address.region === null ? {} : { region: address.region }),
    forcePathStyle: address.pathStyle,
    maxAttempts: ATTEMPTS,
    retryMode: "standard",
    requestHandler: { connectionTimeout: patience.connectMs, socketTimeout: patience.idleMs },
    // Many compatible stores refuse or spoil the checksums that the SDK adds by itself; every file is checked by its name.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return { sdk: { ...s3, ...storage }, client };
}

// Downloads the Temporal dev server from where Temporal's SDKs get theirs. Quick to give up where the internet is closed.
import { createWriteStream } from "node:fs";
import { chmod, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { EmbeddedLog } from "./embedded-log.ts";
import { runCommand } from "./run-command.ts";

export const TEMPORAL_DOWNLOADS = "https://temporal.download";

const ANSWER_WITHIN_MS = 10_000;
const DOWNLOAD_WITHIN_MS = 300_000;
const description = z.object({ archiveUrl: z.url(), fileToExtract: z.string().regex(/^[\w.-]+$/) });

/**
 * Downloads one version of the Temporal CLI to `target`, whole or not at all.
 * @param service what to ask: `TEMPORAL_DOWNLOADS`, or a mirror that answers alike
 * @throws Error that says what went wrong
 */
export async function downloadTemporal(
  service: string,
  version: string,
  target: string,
  log: EmbeddedLog,
): Promise<void> {
  const query = new URLSearchParams({ arch: architecture(), platform: process.platform, format: "tar.gz" });
  const asked = await get(`${service}/cli/v${version}?${query}`, ANSWER_WITHIN_MS);
  const { archiveUrl, fileToExtract } = description.parse(await asked.json());
  const folder = await mkdtemp(join(dirname(target), "download-"));
  try {
    const archive = join(folder, "archive.tar.gz");
    const answer = await get(archiveUrl, DOWNLOAD_WITHIN_MS);
    await pipeline(withProgress(answer, log), createWriteStream(archive));
    const env = { PATH: "/usr/bin:/bin:/usr/local/bin" };
    await runCommand("tar", ["-xzf", archive, "-C", folder, fileToExtract], { env });
    const program = join(folder, fileToExtract);
    await chmod(program, 0o755);
    await rename(program, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function get(url: string, withinMs: number): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(withinMs) });
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`${new URL(url).host} is not reached: ${cause instanceof Error ? cause.message : message}`);
  }
  if (!answer.ok) throw new Error(`${new URL(url).host} answered ${answer.status}`);
  return answer;
}

function withProgress(answer: Response, log: EmbeddedLog): Readable {
  if (answer.body === null) throw new Error("the download was empty");
  const total = Number(answer.headers.get("content-length") ?? 0);
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  let received = 0;
  let told = 0;
  const body = Readable.fromWeb(answer.body as import("node:stream/web").ReadableStream);
  body.on("data", (chunk: Uint8Array) => {
    received += chunk.length;
    if (received - told < 20e6) return;
    told = received;
    log(
      "info",
      `downloaded ${megabytes(received)}${total > 0 ? ` of ${megabytes(total)}` : ""} MB of the Temporal server`,
    );
  });
  return body;
}

function architecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

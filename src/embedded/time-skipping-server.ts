// Provides Temporal's time-skipping test server, a Java program from Maven Central, for tests in which days pass in seconds.
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../domain/fault.ts";
import { cacheFolder } from "./cache-folder.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { withLock } from "./lock.ts";
import { findProgram, isExecutable, runCommand } from "./run-command.ts";

const SERVER_VERSION = "1.38.0";
const LOGGER_VERSION = "2.0.17";

/**
 * Path of a program that takes a port and serves there, and that ends with the process that started it.
 * @throws Fault `unavailable` that lists what is missing
 */
export async function timeSkippingServer(environment: Readonly<NodeJS.ProcessEnv>, log: EmbeddedLog): Promise<string> {
  const folder = join(cacheFolder(environment), `temporal-test-server-${SERVER_VERSION}`);
  const program = join(folder, "temporal-test-server");
  const java = findProgram("java", environment.PATH);
  const cached = isExecutable(program) && existsSync(join(folder, "lib"));
  const maven = cached ? null : findProgram("mvn", environment.PATH);
  const missing = [java === null ? "java (17 or newer)" : "", !cached && maven === null ? "mvn (Maven)" : ""].filter(
    Boolean,
  );
  if (missing.length > 0) {
    throw new Fault("unavailable", `the time-skipping test server needs ${missing.join(" and ")} on the PATH`, {
      hint: `install it; or copy the cache folder ${folder} from a machine that has it (java is needed all the same)`,
    });
  }
  if (cached || maven === null) return program;
  await mkdir(dirname(folder), { recursive: true });
  await withLock(
    `${folder}.lock`,
    (holder) => log("info", `waiting for process ${holder.pid}, which fetches the time-skipping server already`),
    async () => {
      if (!isExecutable(program)) await fetchServer(maven, folder, environment, log);
    },
  );
  return program;
}

async function fetchServer(
  maven: string,
  folder: string,
  environment: Readonly<NodeJS.ProcessEnv>,
  log: EmbeddedLog,
): Promise<void> {
  log("info", "fetching the time-skipping test server with Maven, once (38 MB)");
  const draft = await mkdtemp(`${folder}.new-`);
  try {
    await writeFile(join(draft, "pom.xml"), pom());
    await writeFile(join(draft, "temporal-test-server"), PROGRAM);
    await chmod(join(draft, "temporal-test-server"), 0o755);
    await chmod(draft, 0o755);
    const args = [
      "--batch-mode",
      "--quiet",
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      "-DoutputDirectory=lib",
    ];
    await runCommand(maven, args, {
      env: { ...environment },
      cwd: draft,
      onProgress: (seconds) => log("info", `fetching the time-skipping test server: ${seconds} s so far`),
    });
    await rm(folder, { recursive: true, force: true }); // a torn one, if any
    await rename(draft, folder);
  } catch (cause) {
    throw new Fault("unavailable", `Maven could not fetch the time-skipping test server: ${(cause as Error).message}`, {
      hint: "let Maven reach Maven Central or a mirror of it, then run the tests again",
      cause,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

// The SDK leaves the server behind when a test crashes, so a watcher ends it with the process that started it.
const PROGRAM = `#!/bin/sh
folder=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
parent=$PPID
self=$$
(
  while kill -0 "$parent" && kill -0 "$self"; do sleep 2; done
  kill "$self"
) </dev/null >/dev/null 2>&1 &
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m -cp "$folder/lib/*" io.temporal.testserver.TestServer "$@"
`;

function pom(): string {
  const dependency = (group: string, artifact: string, version: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ratchet</groupId><artifactId>time-skipping-server</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency("io.temporal", "temporal-test-server", SERVER_VERSION)}
    ${dependency("org.slf4j", "slf4j-nop", LOGGER_VERSION)}
  </dependencies>
</project>
`;
}

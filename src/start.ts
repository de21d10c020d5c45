// `npm start`: all of Ratchet on one machine, started in order, kept running, and ended in the reverse order.
import { type Config, readConfig, required } from "./config.ts";
import { migrate } from "./db/migrate.ts";
import { Fault } from "./domain/fault.ts";
import { awaitReady } from "./embedded/await-ready.ts";
import { awaitServers } from "./embedded/await-servers.ts";
import { keepConnection, keptKey, keptSecret, openDataFolder } from "./embedded/data-folder.ts";
import { settle } from "./embedded/first-start.ts";
import { greeting, type Ready, readyDocument } from "./embedded/greeting.ts";
import type { Household } from "./embedded/household.ts";
import { keepProgram } from "./embedded/keep-program.ts";
import { keepPostgres, keepTemporal } from "./embedded/keep-servers.ts";
import { announceReady } from "./embedded/parent-link.ts";
import { claimDataFolder, stopLeftovers } from "./embedded/pid-file.ts";
import { addressOf, choosePorts } from "./embedded/ports.ts";
import { createProgress } from "./embedded/progress.ts";
import { parseStartOptions, START_USAGE } from "./embedded/start-options.ts";
import { createSupervisor } from "./embedded/supervisor.ts";
import { toldToStop } from "./embedded/told-to-stop.ts";
import { explain } from "./report-and-exit.ts";

async function main(): Promise<void> {
  const options = parseStartOptions(process.argv.slice(2), process.cwd());
  if (options.help) return void process.stdout.write(START_USAGE);
  const config = readConfig();
  const { tell, during } = createProgress((line) => process.stderr.write(`${line}\n`));
  const log = (_level: string, message: string) => tell(message);
  const told = toldToStop();
  const claim = claimDataFolder(options.dataDir);
  const stopping = new AbortController();
  const supervisor = createSupervisor({
    log,
    onSpawned: claim.record,
    onEnded: (_name, pid) => claim.forget(pid),
  });
  try {
    await stopLeftovers(options.dataDir, log);
    const ports = await choosePorts(options.port ?? config.port, needsOf(config));
    const data = openDataFolder(options.dataDir);
    const house = { supervisor, progress: { tell, during }, data, ports, stopping: stopping.signal };
    const announced = begin(house, config).then((ready) => {
      process.stdout.write(options.json ? `${JSON.stringify(readyDocument(ready))}\n` : greeting(ready));
      announceReady(readyDocument(ready));
    });
    const end = Promise.race([told, supervisor.failed]);
    const cause = await Promise.race([end, announced.then(() => end)]);
    if (cause instanceof Fault) throw cause;
    tell(`${cause}: stopping everything`);
  } finally {
    stopping.abort();
    await supervisor.stop();
    await stopLeftovers(options.dataDir, log);
    claim.release();
  }
  tell("everything is stopped");
}

/** The story of a start: servers, schema, what a new installation needs, then our own programs. */
async function begin(house: Household, config: Config): Promise<Ready> {
  const { progress, data, ports, stopping } = house;
  const { namespace, apiKey, tls, binary: given } = config.temporal;
  const needs = needsOf(config);
  const secret = needs.postgres
    ? (config.secret ?? keptSecret(data))
    : required(
        config.secret,
        "RATCHET_SECRET",
        "with a database of your own, the secret that hashes people's ids is yours to keep, too",
      );

  const postgres = needs.postgres ? await keepPostgres(house) : null;
  const databaseUrl = postgres?.().url ?? config.databaseUrl!;
  await progress.during(
    "database schema",
    () => migrate(databaseUrl),
    (applied) =>
      applied.length === 0 ? "database schema is up to date" : `database schema ${applied.join(", ")} applied`,
  );
  const temporal = needs.temporal ? await keepTemporal(house, { given, namespace, environment: process.env }) : null;
  const address = temporal?.().address ?? config.temporal.address!;
  const temporalUi = temporal?.().uiUrl ?? config.temporal.ui;
  const servers = { databaseUrl, temporal: { address, namespace, apiKey, tls } };

  const sandbox = needs.sandbox
    ? await keepProgram(house, {
        name: "sandbox",
        script: new URL("./sandbox/main.ts", import.meta.url),
        args: ["--port", String(ports.sandbox), "--data", data.sandbox],
        env: { PATH: process.env.PATH, HOME: process.env.HOME },
        graceMs: 5_000,
      })
    : null;
  const sandboxUrl = sandbox === null ? null : addressOf("127.0.0.1", ports.sandbox);

  const api = addressOf(config.host, ports.api);
  const kept = keptKey(data);
  const keep = (key: string) => keepConnection(data, api, key);
  const settled = await settle(servers, { kept, keep, withDemo: sandbox !== null, at: new Date() });
  keep(settled.key); // the port may be another than last time

  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    RATCHET_SECRET: secret,
    RATCHET_ARTIFACTS: config.artifacts ?? data.artifacts,
    RATCHET_PORT: String(ports.api),
    RATCHET_URL: config.api.url ?? api,
    ...(sandboxUrl === null ? {} : { RATCHET_SANDBOX_URL: `${sandboxUrl}/v1` }),
    ...(temporalUi === null ? {} : { RATCHET_TEMPORAL_UI: temporalUi }),
  };
  const program = (name: "worker" | "server", script: string, graceMs: number) =>
    keepProgram(house, {
      name,
      script: new URL(script, import.meta.url),
      env,
      graceMs,
      beforeRestart: (log) => awaitServers(name, servers, stopping, log),
    });
  const worker = await program("worker", "./worker.ts", 40_000);
  const server = await program("server", "./server.ts", 40_000); // both let those under way finish
  await awaitReady(api, stopping);

  const children = Object.entries({ postgres, temporal, sandbox, worker, server });
  const pids = children.flatMap(([name, current]) => (current === null ? [] : [[name, current().pid] as const]));
  return {
    ...settled,
    api,
    temporalUi,
    temporalAddress: address,
    databaseUrl,
    sandbox: sandboxUrl,
    dataDir: data.path,
    connection: data.connection,
    pids: { start: process.pid, ...Object.fromEntries(pids) },
  };
}

/** What nobody has named a place for, so that we run it. */
function needsOf({ databaseUrl, temporal, providers }: Config) {
  const { sandbox, "openai-wire": wire } = providers;
  return {
    postgres: databaseUrl === null,
    temporal: temporal.address === null,
    sandbox: sandbox.baseURL === null && wire.apiKey === null && wire.baseURL === null,
  };
}

for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined); // a closed terminal must not stop the stopping
try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(explain(error));
  process.exit(error instanceof Fault && error.code === "invalid" ? 2 : 1);
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { freePort } from "../../src/embedded/port.ts";
import { TEMPORAL_CLI_VERSION, temporalBinary } from "../../src/embedded/temporal-binary.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-find-"));
const asked: string[] = [];
let archive = Buffer.alloc(0);
let service = "";
let closed = "";
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  if (request.url === "/archive") response.end(archive);
  else response.end(JSON.stringify({ archiveUrl: `${service}/archive`, fileToExtract: "temporal" }));
});
before(async () => {
  write(join(folder, "made", "temporal"), "#!/bin/sh\necho downloaded\n");
  spawnSync("tar", ["-czf", join(folder, "archive.tar.gz"), "-C", join(folder, "made"), "temporal"]);
  archive = readFileSync(join(folder, "archive.tar.gz"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  service = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  closed = `http://127.0.0.1:${await freePort()}`;
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** A machine with a home of its own and these programs on its PATH, besides what a shell needs. */
function machine(name: string, programs: Record<string, string> = {}) {
  const home = join(folder, name);
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [program, text] of Object.entries(programs)) write(join(bin, program), text);
  const cached = join(home, ".cache", "ratchet", `temporal-cli-${TEMPORAL_CLI_VERSION}`, "temporal");
  return { environment: { HOME: home, PATH: bin }, bin, cached };
}

const log = () => undefined;

test("a given path is taken before all others, and a wrong one is a fault, not a search", async () => {
  const { environment, bin } = machine("given", { temporal: "#!/bin/sh\n", mine: "#!/bin/sh\n" });
  assert.equal(
    await temporalBinary({ given: join(bin, "mine"), environment, log, downloads: closed }),
    join(bin, "mine"),
  );
  const wrong = join(bin, "nothing");
  await assert.rejects(
    temporalBinary({ given: wrong, environment, log, downloads: closed }),
    (error) => error instanceof Fault && error.message.includes(wrong),
  );
});

test("the one on the PATH comes before the cached one, and that before a download", async () => {
  const both = machine("both", { temporal: "#!/bin/sh\n" });
  write(both.cached, "#!/bin/sh\n");
  assert.equal(await temporalBinary({ given: null, ...both, log, downloads: service }), join(both.bin, "temporal"));
  const cache = machine("cache");
  write(cache.cached, "#!/bin/sh\n");
  assert.equal(await temporalBinary({ given: null, ...cache, log, downloads: service }), cache.cached);
  assert.deepEqual(asked, []);
});

test("a download lands in the cache, once for two who ask at the same time, and leaves nothing beside it", async () => {
  const { environment, cached } = machine("download");
  const find = () => temporalBinary({ given: null, environment, log, downloads: service });
  assert.deepEqual(await Promise.all([find(), find()]), [cached, cached]);
  assert.equal(spawnSync(cached, { encoding: "utf8" }).stdout, "downloaded\n");
  assert.deepEqual(readdirSync(dirname(cached)), ["temporal"]);
  assert.equal(asked.length, 2, "one description and one archive");
  assert.match(asked[0]!, new RegExp(`^/cli/v${TEMPORAL_CLI_VERSION}\\?arch=\\w+&platform=\\w+&format=tar.gz$`));
});

test("without a download it is built with Go, which is told where to and which version", async () => {
  const go = '#!/bin/sh\necho "#!/bin/sh\necho $*" > "$GOBIN/temporal"; /bin/chmod +x "$GOBIN/temporal"\n';
  const { environment, cached } = machine("go", { go });
  const said: string[] = [];
  const tell = (_level: string, message: string) => said.push(message);
  assert.equal(await temporalBinary({ given: null, environment, log: tell, downloads: closed }), cached);
  assert.equal(
    spawnSync(cached, { encoding: "utf8" }).stdout,
    `install github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}\n`,
  );
  assert.ok(said.some((line) => line.includes("building it with Go")));
});

test("when nothing works one fault lists all five ways, why each failed, and leaves the cache as it was", async () => {
  const { environment, cached } = machine("nothing", { go: "#!/bin/sh\necho no proxy >&2; exit 1\n" });
  await assert.rejects(temporalBinary({ given: null, environment, log, downloads: closed }), (error) => {
    assert.ok(error instanceof Fault && error.code === "unavailable");
    for (const n of [1, 2, 3, 4, 5])
      assert.match(`${error.message}\n${error.hint}`, new RegExp(`${n}\\. .*${n}\\. `, "s"));
    assert.match(error.message, /4\. downloading it failed: .*ECONNREFUSED/);
    assert.match(error.message, /5\. building it failed: .*no proxy/s);
    return true;
  });
  assert.deepEqual(readdirSync(dirname(cached)), []);
});

// Uses the tests' database as a test file does, prints its URL, and then ends or is killed.
import pg from "pg";
import { testDatabaseUrl } from "../../support/test-servers.ts";

const url = await testDatabaseUrl();
const client = new pg.Client(url);
await client.connect();
const { rows } = await client.query(
  "select current_setting('data_directory') as folder, current_setting('fsync') as fsync",
);
await client.end();
process.stdout.write(JSON.stringify({ url, ...rows[0] }));
if (process.argv[2] === "crash") process.kill(process.pid, "SIGKILL");

// Starts a child, prints its process id, and waits to be killed.
import { startNodeChild } from "../../../src/embedded/node-child.ts";

const script = new URL("./child.ts", import.meta.url);
const child = await startNodeChild({ name: "child", script, env: process.env, onLine: () => undefined });
process.stdout.write(`${child.pid}\n`);
setInterval(() => undefined, 60_000);
